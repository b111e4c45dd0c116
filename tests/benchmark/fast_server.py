# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server for benchmarks: any number of ordinary jobs, made as fast as Python can, over kept connections.

    python fast_server.py JOBS [LATENCY_SECONDS]

Prints its address and serves until it is ended. The simulator is faithful; this one is only fast.
"""

from __future__ import annotations

import http.server
import json
import socket
import sys
import time
import urllib.parse

SERVICES = (1, 2, 3, 7)
"""Exchange Online, SharePoint Online, OneDrive and Teams, a quarter of the jobs each."""
RESTORE = 2
"""The job type of which there is one; of deletions and the like there are none."""
TICKS_PER_SECOND = 10_000_000
EPOCH = 621_355_968_000_000_000
WINDOW_SECONDS = 6 * 86_400
LICENSE = {
    "OutOfPolicyTime": 0,
    "PurchasedUserSeats": 100,
    "AssignedUserSeats": 47,
    "PurchasedStorageSize": 0,
    "ProtectedSize": 0,
}
ROW = (
    '{"Id":"FB%d-%d-%012d","State":"Finished","StartTime":%d,"FinishTime":%d,"Duration":516606001,"BackupDetails":'
    '{"TotalCount":16,"FailedCount":0,"SuccessfulCount":14,"SkippedCount":2},"JobErrors":[]}'
)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    jobs: int
    latency: float
    now: int

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(b'{"access_token":"benchmark-token","token_type":"Bearer","expires_in":3600}')

    def do_GET(self):
        if self.latency:
            time.sleep(self.latency)
        path, _mark, query = self.path.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        self._answer(self._page(asked) if path.endswith("/jobs") else json.dumps(LICENSE).encode())

    def _page(self, asked):
        index, size = int(asked.get("PageIndex", 0)), int(asked.get("PageSize", 10))
        service, kind = int(asked.get("ObjectType", 0)), int(asked.get("JobType", 0))
        total = self.jobs // len(SERVICES) if service else self.jobs
        if (service and service not in SERVICES) or asked.get("JobState") == "1" or kind > RESTORE:
            total = 0
        elif kind == RESTORE:
            total = 1
        step = WINDOW_SECONDS * TICKS_PER_SECOND // max(total, 1)
        newest = self.now - 3_600 * TICKS_PER_SECOND
        numbers = range(index * size, min(total, (index + 1) * size))
        rows = ",".join([ROW % (kind, service, n, newest - n * step, newest - n * step + 516_606_001) for n in numbers])
        link = "" if (index + 1) * size >= total else "more"
        return f'{{"TotalCount":{total},"Jobs":[{rows}],"NextLink":"{link}"}}'.encode()

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_arguments):
        pass


def main():
    Handler.jobs = int(sys.argv[1])
    Handler.latency = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    Handler.now = EPOCH + int(time.time()) * TICKS_PER_SECOND
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
