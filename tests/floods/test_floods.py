# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods: whatever a server pours out, the read ends as a clear failure, soon and in little memory.

Each is read by the module's own code in a separate process, whose peak is the reader's alone.
"""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
import time
import zlib

import ansible_collections
import pytest
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names

ROOT = os.path.dirname(next(iter(ansible_collections.__path__)))
MIB = 1024 * 1024
PEAK = 300 * MIB
SECONDS = 60
"""Most take one or two. The machine may be busy."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
A_JOB = {"Id": "J1", "State": "Failed", "StartTime": 638645575921780695, "FinishTime": 638645576438386696}

READ = """
import json, resource, sys
sys.path.insert(0, {root!r})
import requests
from ansible_collections.cloudbackup.m365.plugins.module_utils._module import Info
from ansible_collections.cloudbackup.m365.plugins.modules import cloudbackup_jobs_info as module
if {memory}:
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + {memory}, size + {memory}))
parameters = dict.fromkeys(module.INFO.specification)
parameters.update(api_url={url!r}, access_token="a-ready-token", api_version="v1", validate_certs=True,
                  timeout={timeout}, retries=0, page_size=100, concurrency=4, include_jobs=True, recent_jobs=20,
                  max_jobs=5_000_000)
parameters.update(json.loads({options!r}))
result = module.INFO.result(parameters, {{}}, print)
result.pop("jobs", None)
print(json.dumps([result.get("failed", False), (result.get("failure") or {{}}).get("kind"), result.get("msg"),
                  (result.get("summary") or {{}}).get("total_count")]))
# Not ru_maxrss: that begins with the size of the process that started this one.
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="the peak of a process is read from Linux"
)


@pytest.fixture
def pour():
    """A server that gives every request the same answer, or all after the first page another one."""
    running = []

    def serve(parts, then=None):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                request = self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                answer = parts if then is None or b"PageIndex=0&" in request else then
                try:
                    for part in answer():
                        self.wfile.write(part)
                except OSError:
                    pass  # the reader has seen enough

        running.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        running[-1].daemon_threads = True
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_address[1]}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def read(url, timeout=10, memory=0, **options):
    """Return whether the read failed, the kind, the message, the number of jobs, the peak in bytes and the seconds.

    :param memory: bytes that the process may take beyond what Python and its libraries have taken; 0 for no limit.
    """

    code = READ.format(root=ROOT, url=url, timeout=timeout, memory=memory, options=json.dumps(options))
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    shown, peak = ended.stdout.splitlines()
    return (*json.loads(shown), int(peak) * 1024, time.monotonic() - began)


def body(content, *headers):
    head = HEAD + b"".join(header + b"\r\n" for header in headers)
    return lambda: [head + b"Content-Length: %d\r\n\r\n" % len(content), content]


def packed(parts):
    """An answer whose body is packed with gzip."""
    packer = zlib.compressobj(wbits=31)
    content = b"".join(map(packer.compress, parts)) + packer.flush()
    return body(content, b"Content-Encoding: gzip")


def page(rows, count=1):
    """Yield the parts of a page whose rows are given as parts."""
    yield b'{"TotalCount": %d, "Jobs": [' % count
    yield from rows
    yield b'], "NextLink": ""}'


def repeated(text, size):
    """Yield a text again and again, with commas between, until there are so many bytes."""
    many = b",".join([text] * (MIB // len(text) + 1))
    for number in range(size // len(many)):
        yield many if number == 0 else b"," + many


def job(**fields):
    return json.dumps({**A_JOB, **fields}, ensure_ascii=False).encode()


def chunks_without_end():
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"100000\r\n" + b" " * MIB + b"\r\n"


def a_chunk_line_without_end():
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"0" * MIB


def trailers_without_end():
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    while True:
        yield b"X-More: " + b"x" * 60_000 + b"\r\n"


def a_trailer_without_end():
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-More: "
    while True:
        yield b"x" * MIB


def a_status_line_without_end():
    yield b"HTTP/1.1 200 "
    while True:
        yield b"O" * MIB


def headers_without_end():
    yield HEAD
    while True:
        yield b"X-More: " + b"x" * 60_000 + b"\r\n"


def a_header_without_end():
    yield HEAD + b"X-More: "
    while True:
        yield b"x" * MIB


def fields(count):
    """Yield the parts of so many fields of an object."""
    for number in range(count):
        yield b'"%d":0,' % number


def one_text(size, field=b"Id", first=b"", count=1):
    """A page with a single job that has one long text."""
    return packed(page([b'{"Id": "J1", "State": "Failed", "%s": "' % field + first, b"x" * size, b'"}'], count))


WIDE = "\U0001f600".encode()
FLOODS = {
    "a gzip bomb": lambda: packed(page([b" " * MIB] * 900)),
    "millions of empty objects": lambda: packed(page(repeated(b"{}", 120 * MIB))),
    "empty objects just below the limit of bytes": lambda: packed(page(repeated(b"{}", 31 * MIB))),
    "empty objects in a small body": lambda: packed(page(repeated(b"{}", 2 * MIB - 64))),
    "empty lists": lambda: packed(page(repeated(b"[]", 31 * MIB))),
    "small numbers": lambda: packed(page(repeated(b"0.5", 31 * MIB))),
    "small texts": lambda: packed(page(repeated(b'"ab"', 31 * MIB))),
    "an answer with a million fields": lambda: packed([b"{", *fields(10**6), b'"Jobs":[]}']),
    "an answer with two million fields": lambda: packed([b"{", *fields(2 * 10**6), b'"Jobs":[]}']),
    "a job with a million fields": lambda: packed(page([b"{", *fields(10**6), b'"Id":"J1"}'])),
    "deep nesting": lambda: packed([b"[" * (20 * MIB)]),
    "deep nesting in a small body": lambda: packed([b"[" * MIB]),
    "deep nesting of objects": lambda: packed([b'{"Jobs":' * (2 * MIB)]),
    "a number of a million digits": lambda: body(b'{"TotalCount": ' + b"9" * MIB + b', "Jobs": []}'),
    "a fraction of a million digits": lambda: body(b'{"TotalCount": 0.' + b"9" * MIB + b', "Jobs": []}'),
    "numbers that are all too long": lambda: packed(page(repeated(b"9" * 4_000, 31 * MIB))),
    "a text of 30 MiB": lambda: one_text(30 * MIB, b"Other"),
    "a text of 100 MiB": lambda: one_text(100 * MIB),
    "a wide text of 30 MiB": lambda: one_text(30 * MIB, b"Other", WIDE),
    "a wide text of 20 MiB": lambda: one_text(20 * MIB, b"Other", WIDE),
    "an id of 30 MiB": lambda: one_text(30 * MIB, b"id"),
    "a state of 30 MiB in every job": lambda: packed(page([job(State="s" * (30 * MIB))], count=5_000_000)),
    "a link of 30 MiB": lambda: packed([b'{"Jobs": [], "TotalCount": 0, "NextLink": "', b"l" * (30 * MIB), b'"}']),
    "a key of 30 MiB in every job": lambda: packed(page([b'{"Id": "J1", "', b"k" * (30 * MIB), b'": 0}'], 5_000_000)),
    "chunks without end": lambda: chunks_without_end,
    "a chunk line without end": lambda: a_chunk_line_without_end,
    "trailers without end": lambda: trailers_without_end,
    "a trailer without end": lambda: a_trailer_without_end,
    "a status line without end": lambda: a_status_line_without_end,
    "headers without end": lambda: headers_without_end,
    "a header without end": lambda: a_header_without_end,
}


def pages(rows, count):
    """The first page of a list, and an empty one for all others."""
    return packed(page(rows, count)), packed(page([], count))


SIDE_BY_SIDE = (
    "a gzip bomb",
    "empty lists",
    "empty objects in a small body",
    "numbers that are all too long",
    "a wide text of 20 MiB",
    "a state of 30 MiB in every job",
)
"""Those that are also read for twelve services, with several connections at a time."""


def assert_bounded(peak, seconds):
    assert peak < PEAK, f"{peak / MIB:.0f} MiB"
    assert seconds < SECONDS


def assert_refused(read_result):
    failed, kind, message, _jobs, peak, seconds = read_result
    assert failed
    assert kind in ("unexpected_answer", "timeout", "connection"), message
    assert len(message) < 1_500
    assert_bounded(peak, seconds)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_ends_as_a_clear_failure(name, pour):
    assert_refused(read(pour(FLOODS[name]()), timeout=4))


@pytest.mark.parametrize("name", SIDE_BY_SIDE)
def test_floods_side_by_side_end_as_one_clear_failure(name, pour):
    assert_refused(read(pour(FLOODS[name]()), timeout=4, object_types=list(_names.OBJECT_TYPES)))


def a_job_error(number):
    text = "The mailbox is locked by another job of the same tenant, and was left out of it"
    return {"isErrorCode": True, "value": text, "url": f"https://help.example/errors/{number % 30}", "number": number}


def test_a_thousand_errors_on_each_job_of_a_page_are_read(pour):
    shown = [a_job_error(number) for number in range(1_000)]
    rows = b",".join(job(Id=f"J{number}", jobErrors=shown) for number in range(100))
    failed, _kind, message, jobs, peak, seconds = read(pour(*pages([rows], 100)))
    assert not failed, message
    assert jobs == 100
    assert_bounded(peak, seconds)


def test_a_hundred_thousand_errors_on_one_job_are_read(pour):
    row = job(jobErrors=[a_job_error(number) for number in range(100_000)])
    failed, _kind, message, jobs, peak, seconds = read(pour(*pages([row], 1)))
    assert not failed, message
    assert jobs == 1
    assert_bounded(peak, seconds)


def test_more_jobs_than_asked_for_are_read_but_not_far_more(pour):
    """A server may have its own page sizes: the count proves the list."""

    def rows(count):
        return [b",".join(job(Id=f"J{number}") for number in range(count))]

    failed, _kind, message, jobs, _peak, _seconds = read(pour(*pages(rows(2_000), 2_000)))
    assert (failed, jobs) == (False, 2_000), message
    failed, kind, message, *_rest = read(pour(*pages(rows(2_001), 2_001)))
    assert (failed, kind) == (True, "unexpected_answer")
    assert "Jobs has 2001 jobs, far more than the requested page_size" in message


def test_memory_that_runs_out_is_a_clear_failure(pour):
    row = job(jobErrors=[a_job_error(number) for number in range(100_000)])
    failed, kind, message, *_rest = read(pour(*pages([row], 1)), memory=80 * MIB, concurrency=1)
    assert failed
    assert kind == "unexpected_answer", message
    assert "memory" in message.lower()
