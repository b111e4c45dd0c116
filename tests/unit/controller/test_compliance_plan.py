# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.cloudbackup.m365.plugins.action import compliance_plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import INPUTS
from ansible_collections.cloudbackup.m365.tests.unit.controller.steps import Failing, mistakes, run_step
from hypothesis import given
from hypothesis import strategies as st

NOW = "2026-11-24T06:00:00Z"
FORMATS = ["json", "junit", "html", "markdown"]


def run(variables: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    return run_step(compliance_plan, variables, **{"now_default": NOW, "subject_default": "contoso", **arguments})


def settled(**inputs: Any) -> dict[str, Any]:
    """The settled inputs, with the mistakes in them."""
    result = run(**inputs)
    return {**result, "mistakes": mistakes(result)}


def mistakes_of_connection(value: Any, hosts: int = 1) -> list[str]:
    result = run({"compliance_connection": value}, connection_variable="compliance_connection", hosts=hosts)
    assert "hunter2" not in repr(result)
    return mistakes(result)


def test_inputs_that_are_empty_have_their_defaults() -> None:
    empty = dict.fromkeys(
        ("baseline", "policy", "waivers", "now", "subject", "enforce", "report_dir", "report_formats"), ""
    )
    nothing = dict.fromkeys(empty)
    assert settled() == settled(**empty) == settled(**nothing)
    plan = settled()
    assert plan["mistakes"] == []
    assert plan["policy"]["window"] == "7d"
    assert plan["waivers"] == []
    assert (plan["now"], plan["subject"], plan["directory_name"]) == (NOW, "contoso", "contoso")
    assert (plan["enforce"], plan["report_dir"], plan["formats"]) == (True, "", ["json", "junit", "html", "markdown"])
    assert list(plan["reads"]) == ["license", "jobs"]
    assert len(plan["reads"]["jobs"]["queries"]) == 13


@pytest.mark.parametrize(
    "policy",
    [
        {"window": "3d", "services": ["teams"]},
        '{"window": "3d", "services": ["teams"]}',
        "window: 3d\nservices: [teams]\n",
        "{window: 3d, services: teams}",
    ],
)
def test_a_policy_may_be_a_structure_or_its_text(policy: Any) -> None:
    plan = settled(policy=policy)
    assert plan["mistakes"] == []
    assert (plan["policy"]["window"], plan["policy"]["services"]) == ("72h", ["teams"])


@pytest.mark.parametrize(
    "baseline",
    [
        {"window": "3d", "services": ["teams"]},
        '{"window": "3d", "services": ["teams"]}',
        "window: 3d\nservices: [teams]\n",
    ],
)
def test_a_policy_is_merged_over_a_baseline_that_may_be_text(baseline: Any) -> None:
    plan = settled(baseline=baseline, policy={"services": ["onedrive"]})
    assert plan["mistakes"] == []
    assert (plan["policy"]["window"], plan["policy"]["services"]) == ("72h", ["onedrive"])


zones = st.none() | st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)).map(datetime.timezone)
days = st.dates() | st.datetimes(timezones=zones) | st.datetimes(timezones=st.just(datetime.timezone.utc))


@given(reason=st.text(), expires=days, more=st.dictionaries(st.text(min_size=1), days | st.lists(days)))
def test_dates_survive_the_templates_of_older_versions(reason: str, expires: Any, more: dict[str, Any]) -> None:
    """Before ansible-core 2.19 a template makes Python's notation of data with dates in it."""
    waivers = [{"check": "license_seats", "reason": reason, "approver": "J. Doe", "expires": expires, **more}]
    assert settled(waivers=repr(waivers)) == settled(waivers=waivers)


@pytest.mark.parametrize(
    "text",
    [
        "[datetime.date(2026, 13, 1)]",
        "[datetime.datetime.now()]",
        "[datetime.date.today()]",
        "[datetime.timezone]",
        "[open('datetime.date')]",
        "[{'expires': datetime.date(*[2026, 1, 1])}]",
        "datetime.date(",
    ],
)
def test_nothing_else_of_python_is_read(text: str) -> None:
    assert settled(waivers=text)["mistakes"]


@pytest.mark.parametrize(
    "expires",
    ["2026-12-31", datetime.date(2026, 12, 31), datetime.datetime(2026, 12, 31, tzinfo=datetime.timezone.utc)],
)
def test_waivers_come_out_whole_with_their_day_as_text(expires: Any) -> None:
    made = {"check": "license_seats", "reason": "r", "approver": "J. Doe", "expires": expires}
    assert settled(waivers=[made])["waivers"] == [{**made, "scope": "all", "expires": "2026-12-31"}]
    text = f"- check: license_seats\n  reason: r\n  approver: J. Doe\n  expires: {str(expires)[:10]}\n"
    assert settled(waivers=text)["waivers"] == settled(waivers=[made])["waivers"]


@pytest.mark.parametrize(
    ("now", "iso"),
    [
        ("2026-11-24T06:00:00.5+01:00", "2026-11-24T05:00:00Z"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        (datetime.datetime(2026, 11, 24, 6), NOW),
        (datetime.date(2026, 11, 24), "2026-11-24T00:00:00Z"),
    ],
)
def test_now_may_be_written_in_several_ways(now: Any, iso: str) -> None:
    assert settled(now=now)["now"] == iso


@pytest.mark.parametrize(
    ("enforce", "value"), [(True, True), ("true", True), ("False", False), ("no", False), (0, False), ("0", False)]
)
def test_enforce_may_arrive_as_text(enforce: Any, value: bool) -> None:
    assert settled(enforce=enforce)["enforce"] is value


@pytest.mark.parametrize(
    "formats",
    [["markdown"], "markdown", "json,markdown", "[markdown]", '["markdown", "json"]', "- markdown\n", "JSON, Markdown"],
)
def test_formats_may_be_a_list_or_text_and_evidence_is_always_among_them(formats: Any) -> None:
    assert settled(report_formats=formats)["formats"] == ["json", "markdown"]


def test_evidence_alone_is_a_pack_too() -> None:
    assert settled(report_formats=["json"])["formats"] == ["json"]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"policy": "{"}, ["compliance_policy: ", "neither JSON nor YAML"]),
        ({"policy": "a: b: c"}, ["compliance_policy: ", "neither JSON nor YAML", "line 1"]),
        ({"policy": "window: 2026-13-45"}, ["compliance_policy: "]),
        ({"policy": "checks: {}\nwindow: 3d\nchecks: {}"}, ["compliance_policy: ", "'checks' appears twice", "line 3"]),
        ({"policy": '{"checks": {"teams": 1}, "checks": {}}'}, ["compliance_policy: ", "'checks' appears twice"]),
        ({"policy": "&a [*a]"}, ["compliance_policy: ", "contains itself through an alias"]),
        ({"policy": "just words"}, ["compliance_policy: ", '"just words"', "a dictionary"]),
        ({"policy": "datetime.date(99999999999, 1, 1)"}, ["compliance_policy: ", "a dictionary"]),
        (
            {"policy": {"checks": {"backup_recency": {"fial": "3d"}}}},
            ["compliance_policy.checks.backup_recency.fial", "fail?"],
        ),
        ({"baseline": "{"}, ["compliance_baseline: ", "neither JSON nor YAML"]),
        ({"baseline": ["x"]}, ["compliance_baseline: ", "a list", "a dictionary"]),
        ({"baseline": {"windw": "3d"}}, ["compliance_baseline.windw: ", "did you mean window?"]),
        (
            {
                "baseline": "checks: {license_seats: {fail: 80}}",
                "policy": '{"checks": {"license_seats": {"warn": 85}}}',
            },
            ["compliance_policy.checks.license_seats.warn: 85 lies beyond baseline.checks.license_seats.fail, 80"],
        ),
        ({"waivers": "x"}, ["compliance_waivers: ", "a list of waivers"]),
        ({"now": "tomorrow"}, ["compliance_now: ", '"tomorrow"', "ISO 8601"]),
        ({"now": "1970-01-01"}, ["compliance_now: ", "from 1990 on"]),
        ({"now": 1764000000}, ["compliance_now: "]),
        ({"subject": " "}, ["compliance_subject: ", "not empty"]),
        ({"subject": ["a"]}, ["compliance_subject: ", "a list"]),
        ({"enforce": "flase"}, ["compliance_enforce: ", '"flase"', "true or false"]),
        ({"report_dir": ["x"]}, ["compliance_report_dir: ", "a path"]),
        ({"report_formats": "markdwon"}, ["compliance_report_formats: ", "did you mean markdown?"]),
        (
            {"report_formats": ["pdf"]},
            ["compliance_report_formats: ", "Allowed: json, junit, html, markdown, csv"],
        ),
        ({"report_formats": {"json": True}}, ["compliance_report_formats: ", "a dictionary"]),
    ],
)
def test_a_mistake_is_a_line_that_names_the_input(inputs: dict[str, Any], words: list[str]) -> None:
    plan = settled(**inputs)
    assert len(plan["mistakes"]) == 1
    assert plan["mistakes"][0].startswith(words[0])
    assert all(word in plan["mistakes"][0] for word in words)


def test_mistakes_of_all_inputs_are_reported_at_once() -> None:
    plan = settled(policy="{", waivers=[{}], now="x", enforce="x", report_formats="x", report_dir=[])
    assert len(plan["mistakes"]) == 9
    assert len(set(plan["mistakes"])) == 9


def test_a_number_is_a_name_too() -> None:
    assert settled(subject=365)["subject"] == "365"


def test_a_subject_that_is_no_path_keeps_its_name_in_reports() -> None:
    plan = settled(subject="../contoso & co")
    assert plan["subject"] == "../contoso & co"
    assert "/" not in plan["directory_name"]


def test_the_action_returns_the_plan() -> None:
    result = run(policy="window: 3d")
    assert result["policy"]["window"] == "72h"
    assert (result["subject"], result["now"], result["changed"]) == ("contoso", NOW, False)
    assert not result.get("failed")


def test_the_action_fails_with_every_mistake_and_returns_nothing_to_go_on_with() -> None:
    connection = {"connection_variable": "compliance_connection", "hosts": 2}
    result = run({"compliance_connection": ""}, policy="{", waivers="x", **connection)
    assert result["failed"] is True
    assert [line.partition(":")[0] for line in mistakes(result)] == [
        "compliance_connection",
        "compliance_policy",
        "compliance_waivers",
    ]
    assert not set(result) & {"reads", "queries", "policy"}


def test_deferred_mistakes_are_returned_for_the_verdict() -> None:
    result = run(policy="{", waivers="x", subject="contoso", deferred=True)
    assert [line.partition(":")[0] for line in result.pop("mistakes")] == ["compliance_policy", "compliance_waivers"]
    assert result == {"changed": False, "subject": "contoso", "formats": FORMATS, "run": 1}


@pytest.mark.parametrize(
    ("last", "reported", "run_number", "refused"),
    [
        (None, None, 1, False),
        ({"run": 1, "subject": "fabrikam"}, None, 2, True),
        ({"run": 1, "subject": "fabrikam"}, {"here": 1}, 2, False),
        ({"run": 2, "mistakes": ["host: ..."]}, {"here": 1}, 3, True),
        ({"run": 2}, {"elsewhere": 2}, 3, True),
        ({"subject": "fabrikam"}, None, 1, False),
        ({"skipped": True}, {"here": 1}, 1, False),
    ],
)
def test_a_second_tenant_of_a_host_is_refused_until_the_first_was_reported(
    last: Any, reported: Any, run_number: int, refused: bool
) -> None:
    variables = {"inventory_hostname": "here", "__compliance_plan": last, "__compliance_fleet": {"runs": reported}}
    result = run(variables, deferred=True)
    assert (result["run"], "mistakes" in result) == (run_number, refused)
    assert "mistakes" not in run(variables)


def test_a_subject_that_is_a_mistake_is_not_returned() -> None:
    result = run(subject=["contoso"], deferred=True)
    assert [line.partition(":")[0] for line in result.pop("mistakes")] == ["compliance_subject"]
    assert result == {"changed": False, "formats": FORMATS, "run": 1}


@pytest.mark.parametrize("value", ["client_secret: *hunter2", "client_secret: [hunter2", "hunter2", ["hunter2"], 5])
def test_a_connection_that_is_none_is_a_mistake_without_being_repeated(value: Any) -> None:
    (mistake,) = mistakes_of_connection(value)
    assert mistake.startswith("compliance_connection: is n")


def test_an_empty_connection_is_refused_for_several_hosts() -> None:
    assert mistakes_of_connection({}) == []
    (mistake,) = mistakes_of_connection("", hosts=2)
    assert "the play has 2 hosts" in mistake
    assert mistakes_of_connection({"data_center": "us", "client_secret": "hunter2"}, hosts=2) == []


@pytest.mark.parametrize("shared", [{"timeout": 20}, {"data_center": "us", "client_id": ""}, "validate_certs: false"])
def test_a_connection_without_credentials_is_refused_for_several_hosts(shared: Any) -> None:
    assert mistakes_of_connection(shared) == []
    (mistake,) = mistakes_of_connection(shared, hosts=2)
    assert "without credentials, and the play has 2 hosts" in mistake


def test_an_argument_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AnsibleActionFail, match="polciy"):
        run(polciy={})


US = "https://graph-us.avepointonlineservices.com"


@pytest.mark.parametrize(
    ("connection", "url", "version", "client_id", "registration"),
    [
        (None, None, None, None, ""),
        ({}, None, None, None, ""),
        ({"client_id": "1111", "client_secret": "hunter2"}, None, None, "1111", "1111"),
        ({"data_center": "us", "client_id": "1111"}, US, None, "1111", f"1111 at {US}"),
        ({"data_center": " US ", "client_id": " 1111\n"}, US, None, "1111", f"1111 at {US}"),
        ({"data_center": "atlantis", "client_id": 1111}, None, None, "1111", "1111"),
        ('{"api_url": "HTTPS://API.example/A/", "api_version": "V2"}', "https://api.example/A", "v2", None, ""),
        ({"api_url": "https://u:hunter2@api.example", "client_id": "1111"}, None, None, "1111", "1111"),
        ({"token_url": "https://id/token", "access_token": "hunter2"}, None, None, None, ""),
        ({"client_id": "hunter2", "client_secret": "hunter2"}, None, None, None, ""),
        ({"api_url": "https://api.example/hunter2-x", "access_token": "hunter2-x"}, None, None, None, ""),
        ({"client_id": "s-app", "client_secret": "s"}, None, None, "s-app", "s-app"),
    ],
)
def test_the_plan_names_the_tenant_without_its_secret(
    connection: Any, url: Any, version: Any, client_id: Any, registration: str
) -> None:
    result = run({"c": connection}, connection_variable="c")
    assert result["connection"] == {"url": url, "version": version, "client_id": client_id}
    assert result["registration"] == registration
    assert "hunter2" not in repr(result)


def test_without_a_connection_variable_nothing_is_planned() -> None:
    assert run()["connection"] == {"url": None, "version": None, "client_id": None}


@pytest.mark.parametrize(
    ("now", "is_given"), [("", False), (None, False), (NOW, True), (datetime.date(2026, 11, 24), True)]
)
def test_an_instant_that_was_given_is_known_as_such(now: Any, is_given: bool) -> None:
    assert run()["now_given"] is False
    assert run(now=now)["now_given"] is is_given


def test_a_subject_of_several_hosts_is_a_mistake_that_names_them() -> None:
    assert mistakes(run(same_subject=["web1", "web2"])) == [
        "compliance_subject: every host of the play needs a different subject, this one is also that of web1, web2"
    ]


NAMES = {name: f"compliance_{name}" for name in INPUTS}


def test_inputs_in_variables_are_the_same_as_inputs_that_are_given() -> None:
    inputs = {"policy": "window: 3d", "waivers": [], "now": NOW, "enforce": "no", "report_formats": "json"}
    variables = {f"compliance_{name}": value for name, value in inputs.items()}
    assert run(variables, input_variables=NAMES) == run(**inputs)
    assert run({"mine": "window: 3d"}, input_variables={"policy": "mine"}) == run(policy="window: 3d")
    # The variable counts, also where it is not defined
    assert run(input_variables={"policy": "mine"}, policy="{") == run()


def test_a_variable_that_cannot_be_read_is_a_mistake_beside_the_others() -> None:
    words = "cannot open https://someone:hunter2@vault/x"
    variables = {"compliance_policy": {"window": "{{ it }}"}, "mine": "{{ it }}", "compliance_now": "tomorrow"}
    result = run(variables, templar=Failing(words), input_variables={**NAMES, "report_dir": "mine"})
    assert [line.partition(" ")[0] for line in mistakes(result)] == ["compliance_policy:", "mine:", "compliance_now:"]
    cause = "a template in it ended with AnsibleError: https://vault/x. Correct the template"
    assert mistakes(result)[1] == f"mine: cannot be read: {cause}"


@pytest.mark.parametrize("words", ["wrong: hunter2hunter2", "wrong: aHVudGVyMmh1bnRlcjI="])
@pytest.mark.parametrize("connection", [{"client_secret": "hunter2hunter2"}, "client_secrt: hunter2hunter2"])
def test_words_about_an_input_do_not_repeat_a_secret_of_the_connection(words: str, connection: Any) -> None:
    variables = {"compliance_connection": connection, "compliance_policy": "{{ it }}"}
    (mistake,) = mistakes(run(variables, templar=Failing(words), input_variables=NAMES))
    assert (
        mistake == "compliance_policy: cannot be read: a template in it ended with AnsibleError. Correct the template"
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"polciy": "mine"}, "input_variables: polciy is not an input. Allowed: baseline, policy, "),
        ({"policy": ["mine"]}, "input_variables.policy: expected the name of a variable"),
    ],
)
def test_a_wrong_name_of_a_variable_is_refused(names: Any, words: str) -> None:
    assert words in " ".join(mistakes(run(input_variables=names)))


texts = st.text(max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("baseline", "policy", "waivers", "now", "subject"), values)))
def test_it_never_raises_for_what_a_person_wrote(inputs: dict[str, Any]) -> None:
    assert isinstance(settled(**inputs)["mistakes"], list)


@given(
    st.sampled_from(INPUTS),
    st.text(),
)
def test_no_text_is_a_crash(name: str, text: str) -> None:
    assert all(line.startswith("compliance_") for line in settled(**{name: text})["mistakes"])


V2_CHECKS = ("backup_frequency", "retention_period", "unusual_activity")


def refused_checks(connection: dict[str, Any], **checks: Any) -> list[str]:
    """The checks that the plan refuses for the connection's API generation."""
    variables = {"compliance_connection": {"client_id": "a", "client_secret": "b", **connection}}
    policy = {"checks": {name: {"enabled": True, **settings} for name, settings in checks.items()}}
    lines = mistakes(run(variables, connection_variable="compliance_connection", policy=policy))
    return [line.split(".")[2] for line in lines if "needs API v2" in line]


@pytest.mark.parametrize("name", V2_CHECKS)
@pytest.mark.parametrize(
    ("connection", "is_refused"),
    [({}, True), ({"api_version": "v1"}, True), ({"api_version": ""}, True), ({"api_version": "v2"}, False)],
)
def test_a_check_of_the_second_generation_is_refused_under_the_first(
    name: str, connection: dict[str, Any], is_refused: bool
) -> None:
    assert refused_checks(connection, **{name: {}}) == ([name] if is_refused else [])


def test_a_check_that_is_enabled_for_one_service_alone_needs_the_second_generation_too() -> None:
    for_teams = {"enabled": False, "services": {"teams": {"enabled": True}}}
    assert refused_checks({}, backup_frequency=for_teams) == ["backup_frequency"]
    for_none = {"enabled": False, "services": {"power_bi": {"enabled": True}}}
    assert refused_checks({}, backup_frequency=for_none) == []


@pytest.mark.parametrize("name", V2_CHECKS)
def test_a_check_of_the_second_generation_names_its_read(name: str) -> None:
    plan = settled(policy={"checks": {name: {"enabled": True}}, "locations": ["NAM"]})
    assert plan["mistakes"] == [
        f"compliance_policy.checks.{name}.enabled: {name} needs API v2. Set api_version to v2 in "
        "the connection, or disable the check"
    ]
