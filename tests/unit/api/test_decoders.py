# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both generations decode into the same records, and nothing that comes back is believed."""

from __future__ import annotations

import copy
import json
import pathlib
import sys

import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries as _queries
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records, v1, v2
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import bounds, errors
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import Secrets
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from hypothesis import given
from hypothesis import strategies as st

SAMPLES = pathlib.Path(__file__).parents[1] / "samples"
V1_FIRST = {
    "id": "FB20241015105312327583",
    "state": "finished",
    "state_text": None,
    "start_time": "2024-10-15T02:53:12Z",
    "finish_time": "2024-10-15T02:54:03Z",
    "duration_seconds": 51.66,
    "job_type": None,
    "object_type": None,
    "backup_details": {"total_count": 16, "failed_count": 0, "successful_count": 14, "skipped_count": 2},
    "errors": [],
    "errors_left_out": 0,
}


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def shown(job):
    return Collected(_queries.Query(), recent_jobs=0, include_jobs=True).show(job)


def a_job(**fields):
    return {
        "Id": "J1",
        "State": "Finished",
        "StartTime": 638645575921780695,
        "FinishTime": 638645576438386696,
        **fields,
    }


def v1_page(*jobs, **fields):
    return {"TotalCount": len(jobs), "Jobs": list(jobs), "NextLink": "", **fields}


def only(page):
    assert len(page.jobs) == 1
    return page.jobs[0]


def test_the_published_v1_jobs():
    page = v1.decode_jobs(sample("v1_jobs"))
    assert page.total_count == 2
    assert page.next_link is None
    assert shown(page.jobs[0]) == V1_FIRST
    assert shown(page.jobs[1])["duration_seconds"] == 56.151
    assert page.jobs[0].finish - page.jobs[0].start == sample("v1_jobs")["jobs"][0]["duration"]


def test_the_published_v2_jobs():
    page = v2.decode_jobs(sample("v2_cloudbackupjobs"))
    assert (page.total_count, page.next_link) == (2, None)
    assert shown(page.jobs[0]) == {
        **V1_FIRST,
        "start_time": "2024-12-02T07:52:25Z",
        "finish_time": "2024-12-02T07:53:04Z",
        "duration_seconds": 39.0,
    }


def test_the_published_v2_detail_has_the_other_spelling_of_the_counts():
    payload = sample("v2_cloudbackupjob_detail")
    payload["data"] = [payload["data"]]
    assert only(v2.decode_jobs(payload)).details == records.Details(16, 0, 14, 2)


def test_the_published_licenses():
    assert v1.decode_license(sample("v1_licenseconsumption")) == records.License(0, 100, 47, 0, 0)
    assert v2.decode_license(sample("v2_cloudbackuplicenseconsumption")) == records.License(0, 100, 47, 0, 0)


def test_a_link_to_the_next_page_is_read():
    assert v1.decode_jobs({**sample("v1_jobs"), "nextLink": "more"}).next_link == "more"
    payload = sample("v2_cloudbackupjobs")
    payload["metadata"]["nextLink"] = "more"
    assert v2.decode_jobs(payload).next_link == "more"


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title, lambda key: key[0].upper() + key[1:]])
def test_keys_are_read_in_any_case(change):
    def folded(value):
        if isinstance(value, dict):
            return {change(key): folded(item) for key, item in value.items()}
        return [folded(item) for item in value] if isinstance(value, list) else value

    assert v1.decode_jobs(folded(sample("v1_jobs"))) == v1.decode_jobs(sample("v1_jobs"))
    assert v2.decode_jobs(folded(sample("v2_cloudbackupjobs"))) == v2.decode_jobs(sample("v2_cloudbackupjobs"))


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ("In Progress", "in_progress"),
        ("InProgress", "in_progress"),
        ("Finished", "finished"),
        ("FINISHED", "finished"),
        ("Failed", "failed"),
        ("Finished with Exception", "finished_with_exception"),
        ("FinishedException", "finished_with_exception"),
        ("Partially Finished", "partially_finished"),
        ("partially_finished", "partially_finished"),
    ],
)
def test_a_state_is_matched_on_its_letters(sent, state):
    job = only(v1.decode_jobs(v1_page(a_job(State=sent))))
    assert (job.state, job.state_text) == (state, None)


@pytest.mark.parametrize("sent", ["Stopped", "Not Finished", "Finished未", "F\u0131nished", "", "Finnished", "2"])
def test_any_other_state_is_unknown_and_kept_as_sent(sent):
    job = only(v1.decode_jobs(v1_page(a_job(State=sent))))
    assert (job.state, job.state_text) == ("unknown", sent)


def test_an_absent_state_is_unknown():
    assert only(v1.decode_jobs(v1_page({"Id": "J1"}))).state == "unknown"


@pytest.mark.parametrize("none", [None, 0, "0", 3155378975999999999, 3155378112000000000])
def test_v1_times_that_are_none(none):
    assert only(v1.decode_jobs(v1_page(a_job(FinishTime=none)))).finish is None


@pytest.mark.parametrize("none", [None, "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31"])
def test_v2_times_that_are_none(none):
    payload = sample("v2_cloudbackupjobs")
    payload["data"][0]["finishTime"] = none
    assert v2.decode_jobs(payload).jobs[0].finish is None


def test_integers_may_be_written_as_text():
    plain = v1_page(a_job(BackupDetails={"TotalCount": 16, "FailedCount": 0}))
    texts = v1_page(
        a_job(
            StartTime="638645575921780695",
            FinishTime="638645576438386696",
            BackupDetails={"TotalCount": "16", "FailedCount": "0"},
        ),
        TotalCount="1",
    )
    assert v1.decode_jobs(texts) == v1.decode_jobs(plain)


@pytest.mark.parametrize(
    ("value", "details"),
    [
        (None, records.Details()),
        (7, records.Details(7)),
        ("7", records.Details(7)),
        ({}, records.Details()),
        ({"TotalCount": 3, "FailedCount": None}, records.Details(3)),
    ],
)
def test_details_are_an_object_an_integer_or_nothing(value, details):
    assert only(v1.decode_jobs(v1_page(a_job(BackupDetails=value)))).details == details


def test_either_spelling_of_the_counts_is_read_beside_jobs_that_tell_none():
    details = [{"TotalNumber": 3, "FailedNumber": 2}, {"TotalCount": 5, "FailedCount": 1}, None]
    page = v1.decode_jobs(v1_page(*(a_job(Id=f"J{at}", BackupDetails=one) for at, one in enumerate(details))))
    assert [job.details for job in page.jobs] == [records.Details(3, 2), records.Details(5, 1), records.Details()]


@pytest.mark.parametrize("alone", [True, False])
def test_each_count_is_read_in_the_spelling_that_it_has(alone):
    details = [{"FailedNumber": 2, "SuccessfulNumber": 7}, *([] if alone else [{"TotalNumber": 9, "SkippedCount": 1}])]
    page = v1.decode_jobs(v1_page(*(a_job(Id=f"J{at}", BackupDetails=one) for at, one in enumerate(details))))
    expected = [records.Details(None, 2, 7, None), records.Details(9, None, None, 1)]
    assert [job.details for job in page.jobs] == expected[: len(details)]


def test_job_errors():
    found = [{"isErrorCode": True, "value": "E1", "url": "https://help.example/1", "number": 3}, {"value": "locked"}]
    job = only(v1.decode_jobs(v1_page(a_job(jobErrors=found))))
    assert shown(job)["errors"] == [
        {"message": "E1", "code_url": "https://help.example/1", "count": 3},
        {"message": "locked", "code_url": None, "count": None},
    ]


def test_of_many_job_errors_the_most_frequent_ten_are_kept():
    found = [{"value": f"E{position}", "number": number} for position, number in enumerate([1, 7, 7, None, 2] * 5)]
    job = only(v1.decode_jobs(v1_page(a_job(jobErrors=found))))
    assert [error.message for error in job.errors] == [f"E{at}" for at in (1, 2, 6, 7, 11, 12, 16, 17, 21, 22)]
    assert shown(job)["errors_left_out"] == job.errors_left_out == 15


def test_an_error_without_a_number_came_once():
    found = [{"value": "a", "number": 1}, {"value": "b"}, {"value": "c", "number": 0}, {"value": "d", "number": 2}]
    job = only(v1.decode_jobs(v1_page(a_job(jobErrors=found))))
    assert [error.message for error in job.errors] == ["d", "a", "b", "c"]
    assert job.errors_left_out == 0


@pytest.mark.parametrize("length", [300, 301, 5_000])
def test_the_texts_of_a_job_are_shortened(length):
    found = [{"value": "m" * length, "url": "u" * length}]
    job = only(v1.decode_jobs(v1_page(a_job(State="s" * length, jobErrors=found))))
    expected = {letter: letter * 300 if length == 300 else letter * 297 + "..." for letter in "mus"}
    assert (job.errors[0].message, job.errors[0].code_url) == (expected["m"], expected["u"])
    assert (job.state, job.state_text) == ("unknown", expected["s"])


@pytest.mark.parametrize("length", [1_000, 1_001])
def test_a_job_id_is_bounded(length):
    payload = v1_page(a_job(Id="i" * length), a_job(Id="J2"))
    if length == 1_000:
        assert len(v1.decode_jobs(payload).jobs) == 2
        return
    with pytest.raises(errors.Error, match=r"Jobs\[0\]: Id should be a job id of 1 to 1000 characters"):
        v1.decode_jobs(payload)


def test_a_link_is_bounded():
    assert v1.decode_jobs(v1_page(NextLink="l" * 20_000)).next_link
    with pytest.raises(errors.Error, match="NextLink should be a link of at most 20000 characters"):
        v1.decode_jobs(v1_page(NextLink="l" * 20_001))


BIG = 2**63
COUNTS = ("TotalCount", "FailedCount", "SuccessfulCount", "SkippedCount")
WRONG_JOBS = {
    "no object": [1],
    "id missing": [{"State": "Finished"}],
    "id empty": [a_job(Id="")],
    "id number": [a_job(Id=5)],
    "state number": [a_job(State=2)],
    "state bool": [a_job(State=True)],
    "start bool": [a_job(StartTime=True)],
    "start float": [a_job(StartTime=6.38e17)],
    "start text": [a_job(StartTime="2024-10-15")],
    "start before 1970": [a_job(StartTime=621355967999999999)],
    "start in unix seconds": [a_job(StartTime=1728960792)],
    "start after 9999": [a_job(StartTime=3155378976000000000)],
    "start over 64 bits": [a_job(StartTime=BIG)],
    "start negative": [a_job(StartTime=-1)],
    "details text": [a_job(BackupDetails="many")],
    "details list": [a_job(BackupDetails=[1])],
    "count negative": [a_job(BackupDetails={"TotalCount": -1})],
    "count bool": [a_job(BackupDetails={"TotalCount": True})],
    "count false": [a_job(BackupDetails={"TotalCount": False})],
    "count over 64 bits": [a_job(BackupDetails={"TotalCount": BIG})],
    "every count over 64 bits": [a_job(BackupDetails=dict.fromkeys(COUNTS, BIG + 1))],
    "count float": [a_job(BackupDetails={"TotalCount": 5.0})],
    "count nan": [a_job(BackupDetails={"TotalCount": float("nan")})],
    "count padded": [a_job(BackupDetails={"TotalCount": " 5"})],
    "count in other digits": [a_job(BackupDetails={"TotalCount": "٥"})],
    "errors object": [a_job(jobErrors={"value": "x"})],
    "errors zero": [a_job(jobErrors=0)],
    "error no object": [a_job(jobErrors=["x"])],
}


@pytest.mark.parametrize("jobs", WRONG_JOBS.values(), ids=WRONG_JOBS)
def test_a_wrong_job_is_an_unexpected_answer(jobs):
    with pytest.raises(errors.Error) as caught:
        v1.decode_jobs(v1_page(*jobs))
    assert caught.value.failure.kind == "unexpected_answer"
    assert "Jobs[0]" in caught.value.message or "job J1" in caught.value.message


@pytest.mark.parametrize(
    "payload",
    [
        None, 5, "text", [], {}, v1_page(TotalCount=-1), v1_page(TotalCount=1.0), v1_page(TotalCount=True),
        v1_page(NextLink=5), {"TotalCount": 0}, {"TotalCount": 0, "Jobs": None}, {"TotalCount": 0, "Jobs": {}},
        {"TotalCount": 0, "totalCount": 1, "Jobs": []},
    ],
)  # fmt: skip
def test_a_wrong_page_is_an_unexpected_answer(payload):
    with pytest.raises(errors.Error) as caught:
        v1.decode_jobs(payload)
    assert caught.value.failure.kind == "unexpected_answer"


@pytest.mark.parametrize(
    "payload",
    [
        None, [], {}, {"Other": 1}, {"AssignedUserSeats": -1}, {"AssignedUserSeats": True}, {"AssignedUserSeats": 1.5},
        {"AssignedUserSeats": False}, {"AssignedUserSeats": BIG}, {"AssignedUserSeats": str(BIG)},
        {"OutOfPolicyTime": False}, {"OutOfPolicyTime": 1.5}, {"OutOfPolicyTime": []},
    ],
)  # fmt: skip
def test_a_wrong_license_is_an_unexpected_answer(payload):
    with pytest.raises(errors.Error) as caught:
        v1.decode_license(payload)
    assert caught.value.failure.kind == "unexpected_answer"


@pytest.mark.parametrize(
    ("decode", "payload", "found"),
    [
        (v1.decode_jobs, v1_page(a_job(BackupDetails={"failedcount": -1})), "BackupDetails.FailedCount should be"),
        (v1.decode_license, {"PURCHASEDUSERSEATS": "many"}, "PurchasedUserSeats should be"),
        (
            v1.decode_jobs,
            {"message": "Maintenance until 6.", "code": 7},
            "the answer has no Jobs: it has code, message. The server's message: Maintenance until 6.",
        ),
        (v1.decode_jobs, {"TotalCount": 1}, "the answer has no Jobs: it has TotalCount"),
    ],
)
def test_what_is_wrong_is_named_as_the_documents_spell_it(decode, payload, found):
    with pytest.raises(errors.Error) as caught:
        decode(payload)
    assert found in caught.value.message


@pytest.mark.parametrize(
    ("payload", "found"), [({"Other": 1, "A": 2}, "it has A, Other"), ({}, "it has no field at all")]
)
def test_an_answer_that_is_no_license_is_reported_with_the_fields_that_it_has(payload, found):
    with pytest.raises(errors.Error, match=f"none of the five license fields: {found}$"):
        v1.decode_license(payload)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"statusCode": 500, "message": "broken inside"}, "server"),
        ({"statusCode": 403}, "permission"),
        ({"statusCode": 429}, "throttled"),
        ({"statusCode": 404}, "not_found"),
        ({"statusCode": 400}, "rejected"),
        ({"statusCode": 401}, "authentication"),
        ({"statusCode": 302}, "unexpected_answer"),
        ({"errors": ["no such tenant"]}, "server"),
        ({"errors": {"code": "E1"}}, "server"),
        ({"statusCode": None}, "unexpected_answer"),
        ({"statusCode": "fine"}, "unexpected_answer"),
        ({"data": None}, "unexpected_answer"),
        ({"metadata": None}, None),
        ({"errors": []}, None),
        ({"statusCode": "200"}, None),
    ],
)
def test_an_envelope_is_opened_only_when_it_says_that_all_is_well(change, kind):
    payload = {**sample("v2_cloudbackupjobs"), **change}
    if kind is None:
        assert len(v2.decode_jobs(payload).jobs) == 2
        return
    with pytest.raises(errors.Error) as caught:
        v2.decode_jobs(payload)
    assert caught.value.failure.kind == kind


def test_an_envelope_gives_the_servers_own_words():
    with pytest.raises(errors.Error, match="broken inside"):
        v2.decode_license({"statusCode": 500, "message": "broken inside"})


def test_v2_times_that_are_wrong():
    for wrong in ("soon", 5, "2024-13-01", "1969-01-01", True):
        payload = sample("v2_cloudbackupjobs")
        payload["data"][0]["startTime"] = wrong
        with pytest.raises(errors.Error) as caught:
            v2.decode_jobs(payload)
        assert caught.value.failure.kind == "unexpected_answer"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
DECODERS = {
    "v1_jobs": v1.decode_jobs,
    "v1_licenseconsumption": v1.decode_license,
    "v2_cloudbackupjobs": v2.decode_jobs,
    "v2_cloudbackuplicenseconsumption": v2.decode_license,
}
decoders = pytest.mark.parametrize("name", DECODERS)


def decode_or_refuse(decode, payload):
    try:
        decode(payload)
        return
    except errors.Error as caught:
        error = caught
    assert error.failure.kind in errors.KINDS
    assert len(error.presentable(Secrets()).message) <= errors.MESSAGE_LIMIT


@pytest.mark.parametrize("depth", [100, 900])
def test_deep_nesting_in_any_place_is_decoded_or_refused(depth):
    deep = json.loads("[" * depth + "]" * depth)
    for name, decode in DECODERS.items():
        for path in _paths(sample(name)):
            payload = {"top": sample(name)}
            holder = payload
            for key in ("top", *path)[:-1]:
                holder = holder[key]
            holder[("top", *path)[-1]] = deep
            decode_or_refuse(decode, payload["top"])
    with pytest.raises(errors.Error):
        v2.decode_jobs({"statusCode": 500, "errors": deep})


def test_a_value_too_deep_to_be_shown_is_refused_without_showing_it():
    deep = []
    for _depth in range(100_000):
        deep = [deep]
    with pytest.raises(errors.Error, match="Id should be a text, the server sent something deeply nested"):
        v1.decode_jobs(v1_page(a_job(Id=deep)))


@pytest.mark.parametrize("most", [0, 2, 3])
@pytest.mark.parametrize("name", ["v1_jobs", "v2_cloudbackupjobs"])
def test_a_page_with_more_jobs_than_there_may_be_is_refused(name, most):
    payload = sample(name)
    if most >= 2:
        assert len(DECODERS[name](payload, most).jobs) == 2
        return
    with pytest.raises(errors.Error, match="has 2 jobs, far more than the requested page_size"):
        DECODERS[name](payload, most)


@given(payload=JSON)
def test_the_memory_of_arbitrary_json_is_bounded_from_above(payload):
    """More than what its objects take, counted one by one."""
    content = json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass")
    # What is small is not counted
    copies = bounds._SURELY_SMALL // (len(content) + 1) + 1
    whole = b"[" + b",".join([content] * copies) + b"]"
    assert bounds.memory(whole) >= len(whole) + copies * _size(payload)


def _size(value):
    """The bytes of a value and of all in it but small numbers, names of fields and what Python has only once."""
    if isinstance(value, dict):
        return sys.getsizeof(value) + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 56 + 8 * len(value) + sum(map(_size, value))
    return 0


@decoders
@given(payload=JSON)
def test_arbitrary_json_is_decoded_or_refused(name, payload):
    decode_or_refuse(DECODERS[name], payload)


ROWS = st.lists(
    st.fixed_dictionaries(
        {"Id": st.uuids().map(str), "State": st.sampled_from(["Finished", "In Progress", "Failed", "Odd", None])},
        optional={
            "StartTime": st.sampled_from([638645575921780695, 0, None, "638645575921780695", 3155378112000000000]),
            "FinishTime": st.sampled_from([638645576438386696, 0, None]),
            "BackupDetails": st.sampled_from(
                [None, 5, {}, {"TotalCount": 3, "failedcount": "1"}, {"TotalNumber": 3, "FailedNumber": 2}]
                + [{"TotalCount": 4, "FailedCount": 0, "SuccessfulCount": 4, "SkippedCount": 0}] * 3
            ),
            "jobErrors": st.sampled_from([None, [], [{"value": "E1", "number": 2}]]),
        },
    ),
    max_size=6,
)


@given(rows=ROWS)
def test_a_page_is_decoded_as_its_jobs_are_one_by_one(rows):
    assert list(v1.decode_jobs(v1_page(*rows)).jobs) == [only(v1.decode_jobs(v1_page(row))) for row in rows]


@pytest.mark.parametrize("field", ["StartTime", "FinishTime", "State", "Id", "BackupDetails", "jobErrors"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_wrong_job_among_others_is_named_by_its_place(field, position):
    jobs = [a_job(Id=f"J{number}") for number in range(3)]
    jobs[position][field] = 5.5
    with pytest.raises(errors.Error, match=rf"Jobs\[{position}\]: ") as caught:
        v1.decode_jobs(v1_page(*jobs))
    assert caught.value.failure.kind == "unexpected_answer"


def _paths(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _paths(item, (*path, key))


@decoders
@given(data=st.data())
def test_a_mutated_valid_answer_is_decoded_or_refused(name, data):
    payload = copy.deepcopy(sample(name))
    path = data.draw(st.sampled_from([path for path in _paths(payload) if path]))
    holder = payload
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(JSON)
    decode_or_refuse(DECODERS[name], payload)
