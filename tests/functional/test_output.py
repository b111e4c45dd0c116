# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees: one line for the verdict, one for each cause, nothing twice, and at the end what to do."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest
from ansible_collections.cloudbackup.m365.tests.contract.guides import guide
from ansible_collections.cloudbackup.m365.tests.functional.runner import hosts_of

MOST_LINES = 12
HEADLINE, LINE = 200, 400
OWN_KEYS = ("msg", "findings")
NOT_OURS = re.compile(
    r"|".join(
        (
            r"\s*$",
            r"(PLAY|TASK|PLAY RECAP) ",
            r"(ok|changed|skipping|fatal|failed|included): ",
            r"skipping: no hosts matched",
            r"\[(ERROR|WARNING)\]: ",
            r"(Origin: |\s*\d+ |\s*\^ column )",
            r"\S+\s+: ok=\d+",
            r"[{}]$",
            r'\s*"?(changed|assertion|evaluated_to)"?: ',
            r"ERROR! |An exception occurred",
            r"(<<< caused by >>>|The error was: )",
        )
    )
)
"""Lines of ansible-core's own frame around a result."""


def printed(output: str) -> list[str]:
    """Return the lines of ours in the output of a run, as ansible-core lays them out."""
    lines, in_block = [], False
    for line in output.splitlines():
        # The message that ansible-core 2.19 and later repeat above a failed task, until its frame ends
        in_block = (in_block or line.startswith("[ERROR]: ")) and not line.startswith(("fatal: ", "TASK ", "PLAY "))
        if not in_block and not NOT_OURS.match(line):
            lines.append(line)
    return lines


def results(output: str) -> list[dict[str, Any]]:
    """Return what tasks printed as JSON."""
    found = []
    for match in re.finditer(r"^(?:ok|changed|fatal|failed): \[[^\]]+\](?:: FAILED!)? => (?=\{)", output, re.MULTILINE):
        result, _end = json.JSONDecoder().raw_decode(output, match.end())
        found.append(result)
    return found


def own_texts(output: str) -> list[str]:
    """Return the lines of ours as they were before ansible-core laid them out."""
    texts = []
    for result in results(output):
        assert isinstance(result["msg"], str), "msg is one line"
        # ansible.builtin.debug prints nothing but its message
        assert len(result["msg"]) <= (HEADLINE if "changed" in result else LINE), result["msg"]
        assert "\n" not in result["msg"]
        texts += [*result.get("findings", []), result["msg"]]
    return texts


def last_lines(output: str, count: int = 10) -> str:
    """Return what is on the screen right before the recap, without the empty line there."""
    lines = output.partition("PLAY RECAP")[0].rstrip().splitlines()
    return "\n".join(lines[-count:])


def check_rules(output: str) -> None:
    """Check what holds for every run, whatever it found."""
    texts = own_texts(output)
    assert texts
    again = [
        text for place, text in enumerate(texts) if any(text in other for other in texts[:place] + texts[place + 1 :])
    ]
    assert again == [], "nothing is printed twice"
    assert [text for text in texts if len(text) > LINE] == [], "no line is long"
    assert "['" not in output, "no Python list"
    keys = {key for result in results(output) for key in result}
    assert keys <= {*OWN_KEYS, "changed", "assertion", "evaluated_to"}, "nothing but what a person reads"


class World(NamedTuple):
    """A tenant: the simulated one, what the screen must have, and how many lines of ours there are at most.

    :ivar screen: what the last ten lines must contain, which is what to do and about what.
    :ivar title: of its example in the guide, if there is one.
    """

    simulated: str | dict[str, Any]
    screen: tuple[str, ...]
    most_lines: int = MOST_LINES
    variables: dict[str, Any] = {}
    connection: dict[str, Any] = {}
    title: str = ""


BY_HAND = "from_finding_to_fix.rst#"
RED = {
    "seats-exceeded": World(
        "seats_exceeded", ("license_seats", "108 of 100", "Release seats", "license-seats"), title="Exceeded seats"
    ),
    "silent-service": World(
        "silent_teams",
        ("backup_recency failed: teams", "backup_presence", BY_HAND),
        title="A service without backups",
    ),
    "token-refused": World(
        {},
        ("authentication", "invalid_client", "client_secret"),
        connection={"client_secret": "k3-another-k3"},
        title="A rejected token",
    ),
    "clock-off": World(
        {"faults": ["skewed_date:seconds=-3600"]}, ("The clock is off", "by -36", "#evidence"), title="A clock offset"
    ),
    "several-causes": World(
        {
            "scenario": "silent_teams",
            "license": {"AssignedUserSeats": 108},
            "faults": ["skewed_date:seconds=-3600,on=jobs"],
        },
        ("license_seats", "and 3 more", "Report: "),
        most_lines=4 * 12,
        title="Several causes",
    ),
    "wrong-inputs": World(
        {},
        ("3 mistakes", "compliance_policy.window", "7d or 2w", "compliance_now"),
        most_lines=4 * 12,
        variables={
            "compliance_policy": {"checks": {"backup_recensy": {"warn": "1h"}}, "window": "7 parsecs"},
            "compliance_now": "soon",
        },
    ),
    "one-wrong-input": World(
        {}, ("NOT JUDGED, compliance_now: ", "ISO 8601"), most_lines=4, variables={"compliance_now": "soon"}
    ),
}


def gate(world: World, ansible: Any, simulate: Any, layout: str) -> Any:
    (tenant,) = hosts_of(simulate(tenants={"contoso": world.simulated})).values()
    tenant["compliance_connection"].update(world.connection)
    environment = {"ANSIBLE_CALLBACK_RESULT_FORMAT": layout, "ANSIBLE_SHOW_CUSTOM_STATS": "0"}
    return ansible.gate({"contoso": {**tenant, **world.variables}}, environment=environment)


@pytest.mark.parametrize("world", RED.values(), ids=RED)
@pytest.mark.parametrize("layout", ["json", "yaml"])
def test_a_red_gate_says_in_a_few_lines_what_happened_and_what_to_do(layout, world, ansible, simulate):
    run = gate(world, ansible, simulate, layout)
    assert run.status == 2
    lines = printed(run.output)
    assert 0 < len(lines) <= world.most_lines, "\n".join(lines)
    # A long line is wrapped in the format yaml
    screen = " ".join(last_lines(run.output).split())
    assert [words for words in world.screen if words not in screen] == [], screen
    assert "contoso: " in screen
    if layout == "json":
        check_rules(run.output)
        if world.title:
            texts = [text.replace(f"{run.folder}/", "") for text in own_texts(run.output)]
            assert_shown(texts, block_of(world.title))


def block_of(title: str) -> list[str]:
    """Return the lines of an example of the guide."""
    (found,) = re.findall(rf"^{title}:\n\n\.\. code-block:: text\n\n((?:    .*\n)+)", guide("the_gate"), re.MULTILINE)
    return [line.strip() for line in found.splitlines()]


def assert_shown(texts: list[str], lines: list[str]) -> None:
    """Check that the guide shows these texts, shortened, and with the ages of another run."""
    changing = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z|\d+ d \d+ h|-36\d\d s")
    assert len(texts) == len(lines), texts
    for text, line in zip(texts, lines):
        text, shown = changing.sub("", text), changing.sub("", line)
        assert text.startswith(shown[: -len("...")]) if shown.endswith("...") else text == shown, (text, shown)


@pytest.mark.parametrize("layout", ["json", "yaml"])
def test_a_green_gate_prints_its_line_and_its_warnings(layout, ansible, simulate):
    run = gate(World("healthy", ()), ansible, simulate, layout)
    assert run.status == 0
    fleet, verdict = printed(run.output)
    assert "COMPLIANT: 1 tenant (1 compliant)." in fleet
    assert "contoso: COMPLIANT, 45 passed" in verdict


def test_a_green_gate_prints_a_line_for_each_warning(ansible, simulate):
    run = gate(World({"license": {"AssignedUserSeats": 95}}, ()), ansible, simulate, "json")
    assert run.status == 0
    check_rules(run.output)
    _fleet, warning, verdict = own_texts(run.output)
    assert warning.startswith("WARN license_seats: 95 of 100 seats")
    assert verdict == "contoso: COMPLIANT, 44 passed, 1 warning"


def test_every_tenant_of_a_red_fleet_says_what_to_do_with_its_verdict(ansible, simulate):
    worlds = {name: RED[name] for name in ("seats-exceeded", "token-refused", "wrong-inputs")}
    hosts = hosts_of(simulate(tenants={**{name: world.simulated for name, world in worlds.items()}, "healthy": {}}))
    for name, world in worlds.items():
        hosts[name]["compliance_connection"].update(world.connection)
        hosts[name].update(world.variables)
    run = ansible.gate(hosts, environment={"ANSIBLE_SHOW_CUSTOM_STATS": "0"})
    assert run.failed_hosts() == set(worlds)
    check_rules(run.output)
    verdicts = {result["msg"].partition(":")[0]: result for result in results(run.output)}
    for name, world in worlds.items():
        shown = " ".join([*verdicts[name]["findings"], verdicts[name]["msg"]])
        assert [words for words in world.screen if words not in shown] == []
    assert "findings" not in verdicts["healthy"]


def test_evidence_that_cannot_be_written_is_one_reason_beside_the_findings(ansible, simulate, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "contoso").write_text("a file where the folder of the tenant belongs")
    run = gate(RED["seats-exceeded"], ansible, simulate, "json")
    assert run.status == 2
    check_rules(run.output)
    assert len(printed(run.output)) <= MOST_LINES + 2
    assert "could not be written" in last_lines(run.output, 12)
    assert "Release seats" in last_lines(run.output)


def test_tenants_with_unreadable_variables_are_named_in_one_line(ansible, simulate, tmp_path):
    (tmp_path / "host_vars").mkdir()
    for host in ("fabrikam", "northwind"):
        (tmp_path / "host_vars" / f"{host}.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3031\n")
    run = ansible.gate({**hosts_of(simulate(tenants={"contoso": {}})), "fabrikam": {}, "northwind": {}})
    assert run.status == 2
    assert "['" not in run.output
    (line,) = [text for text in own_texts(run.output) if text.startswith("NOT JUDGED: ")]
    assert line.startswith("NOT JUDGED: fabrikam, northwind. The variables cannot be read: ")


def test_the_report_of_a_fleet_follows_the_same_rules(ansible, simulate, tmp_path):
    hosts = hosts_of(simulate(tenants={"contoso": "seats_exceeded", "fabrikam": {}}))
    ansible.gate(hosts)
    run = ansible.playbook(
        "fleet_report", "-e", f"fleet_dirs={tmp_path}/reports", "-e", f"fleet_report_dir={tmp_path}/all"
    )
    assert run.status == 2
    check_rules(run.output)
    assert len(printed(run.output)) <= MOST_LINES
    assert own_texts(run.output) == [
        "NON-COMPLIANT contoso: 1 check failed. FAIL license_seats: 108 of 100 seats (108 %)",
        f"Report: {tmp_path}/all/fleet.html",
        "NON-COMPLIANT: 2 tenants (1 non-compliant, 1 compliant).",
    ]


def test_a_replay_follows_the_same_rules_and_compares_in_one_line(ansible, simulate, tmp_path):
    gate(RED["seats-exceeded"], ansible, simulate, "json")
    evidence = tmp_path / "reports" / "contoso" / "evidence.json"
    run = ansible.playbook("replay", "-e", f"replay_evidence={evidence}")
    assert run.status == 2
    check_rules(run.output)
    assert len(printed(run.output)) <= MOST_LINES
    assert own_texts(run.output)[0] == f"The same as {evidence}, byte for byte."
    run = ansible.playbook("replay", "-e", f"replay_evidence={evidence}", "-e", "replay_now=soon")
    assert run.status == 2
    check_rules(run.output)
    assert [text.partition(":")[0] for text in own_texts(run.output)] == ["replay_now"]
