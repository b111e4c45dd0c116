# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures what the collection promises about speed and memory, as ratios within one run, and prints a table.

    python run.py [NUMBER...]      only those of the seven measures

Every ratio compares two things measured side by side, alternately where they are short; medians where repeated. The
sixth and the seventh are no ratios: they are the time and memory of a fleet, and of the report of a period.
"""

from __future__ import annotations

import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import requests

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[4]
"""The folder that holds ansible_collections/cloudbackup/m365."""


class FastServer:
    """The fast server in a separate process."""

    def __init__(self, jobs, latency=0.0):
        command = [sys.executable, str(HERE / "fast_server.py"), str(jobs), str(latency)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self._process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_reason):
        self._process.terminate()
        self._process.wait()


def play(name, *arguments, inventory="localhost,"):
    """Run a play and return its wall time in seconds."""
    began = time.perf_counter()
    run_play(name, *arguments, inventory=inventory)
    return time.perf_counter() - began


def command_of(name, *arguments, inventory="localhost,"):
    return [sys.executable, "-m", "ansible", "playbook", name, "-i", inventory, *arguments]


def environment():
    return {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


def run_play(name, *arguments, inventory="localhost,"):
    ended = subprocess.run(
        command_of(name, *arguments, inventory=inventory),
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        raise SystemExit(ended.stdout[-3000:] + ended.stderr[-3000:])


def processor_time(name, *arguments, inventory):
    """Run a play and return the processor time of it and its children in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_play(name, *arguments, inventory=inventory)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_memory(name, *arguments, inventory="localhost,"):
    """Run a play and return the peak of the memory of all its processes together (proportional set size) in MiB."""
    process = subprocess.Popen(
        command_of(name, *arguments, inventory=inventory),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_proportional, _family(process.pid))))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    return peak / 1024


def _family(top):
    """A process and all below it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    family = {top}
    grown = True
    while grown:
        found = {pid for pid, parent in parents.items() if parent in family} - family
        grown, family = bool(found), family | found
    return family


def _proportional(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def fetch(address, pages, size):
    """Bare sequential requests for the same pages; seconds."""
    began = time.perf_counter()
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer benchmark-token"
        for index in range(pages):
            answer = session.get(
                f"{address}/cloudbackup/jobs", params={"PageIndex": index, "PageSize": size}, timeout=60
            )
            assert answer.status_code == 200
    return time.perf_counter() - began


def gate_variables(folder, hosts):
    """An inventory of tenants at one server; their connections are variables of the hosts."""
    path = pathlib.Path(folder) / "tenants.json"
    path.write_text(json.dumps({"tenants": {"hosts": hosts}}))
    return str(path)


def connection(address, **options):
    return {
        "api_url": address,
        "token_url": f"{address}/connect/token",
        # Of each tenant its own: two with the same one are refused
        "client_id": f"benchmark {address}",
        "client_secret": "a-secret-of-the-benchmark",
        **options,
    }


def measure_gate():
    theirs, ours = [], []
    with FastServer(400) as server, tempfile.TemporaryDirectory() as folder:
        hosts = {"contoso": {"compliance_connection": connection(server.address)}}
        inventory = gate_variables(folder, hosts)
        report = f"compliance_report_dir={folder}"
        for _time in range(7):
            theirs.append(play(str(HERE / "empty.yml")))
            ours.append(play("cloudbackup.m365.gate", "-e", report, inventory=inventory))
    gate, empty = statistics.median(ours), statistics.median(theirs)
    return (
        "one gate, reports on: wall time against a play with an empty module task",
        gate / empty,
        "at most 1.8",
        f"{gate:.2f} s against {empty:.2f} s",
    )


def measure_jobs():
    theirs, ours = [], []
    with FastServer(100_000) as server:
        address = ["-e", f"address={server.address}"]
        for _time in range(7):
            theirs.append(play(str(HERE / "empty.yml")) + fetch(server.address, 100, 1000))
            ours.append(play(str(HERE / "jobs.yml"), *address))
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return (
        "100,000 jobs, pages of 1000: a play against one with an empty module task, plus bare requests",
        mine / bare,
        "at most 1.4",
        f"{mine:.2f} s against {bare:.2f} s",
    )


def measure_latency():
    from ansible_collections.cloudbackup.m365.plugins.module_utils._api import generations, queries
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.client import Client
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.connection import Connection
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ReadyToken
    from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import Secrets
    from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import reading

    theirs, ours = [], []
    with FastServer(5_000, 0.05) as server:
        held = ReadyToken("benchmark-token")
        asked = Connection(server.address, "", held, page_size=100, concurrency=8)
        for _time in range(3):
            theirs.append(fetch(server.address, 50, 100))
            began = time.perf_counter()
            options = {"include_jobs": False, "recent_jobs": 20, "max_jobs": 10_000}
            client = Client(asked, Secrets())
            result = reading.read(client, generations.generation("v1"), [queries.Query()], **options)
            ours.append(time.perf_counter() - began)
            assert result["summary"]["total_count"] == 5_000
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return (
        "50 pages at 50 ms latency, 8 connections: against sequential bare requests",
        mine / bare,
        "at most 0.30",
        f"{mine:.2f} s against {bare:.2f} s",
    )


def measure_memory():
    def peak(jobs):
        with FastServer(jobs) as server:
            return peak_memory(str(HERE / "jobs.yml"), "-e", f"address={server.address}")

    few, many = peak(10_000), peak(1_000_000)
    return (
        "peak memory of the play, 1,000,000 jobs against 10,000",
        many / few,
        "at most 1.3",
        f"{many:.0f} MiB against {few:.0f} MiB",
    )


def measure_tenants():
    tenants = 100
    with FastServer(400) as server, tempfile.TemporaryDirectory() as folder:
        hosts = {
            f"tenant{number:03}": {"compliance_connection": connection(f"{server.address}/{number}")}
            for number in range(tenants)
        }
        inventory = gate_variables(folder, hosts)
        report = f"compliance_report_dir={folder}"
        empty = processor_time(str(HERE / "empty_twice.yml"), inventory=inventory) / tenants
        gate = processor_time("cloudbackup.m365.gate", "-e", report, inventory=inventory) / tenants
    return (
        "100 tenants, reports on: processor time of the gate against two empty module tasks",
        gate / empty,
        "at most 0.75",
        f"{gate * 1000:.0f} ms against {empty * 1000:.0f} ms a tenant",
    )


SIMULATOR = HERE.parents[1] / "roles" / "simulator" / "files" / "run_simulator.py"


def measure_fleet():
    tenants = 200
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder) / "simulator.json"
        simulator = [sys.executable, "-B", str(SIMULATOR)]
        options = json.dumps({"tenants": {f"tenant{number:03}": "healthy" for number in range(tenants)}})
        subprocess.run(
            [*simulator, "start", str(state), "--options=-"], input=options, text=True, check=True, capture_output=True
        )
        try:
            connections = json.loads(state.read_text())["tenants"]
            hosts = {name: {"compliance_connection": each} for name, each in connections.items()}
            inventory = gate_variables(folder, hosts)
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            report = f"compliance_report_dir={folder}/reports"
            memory = peak_memory("cloudbackup.m365.gate", "-e", report, inventory=inventory)
            wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            subprocess.run([*simulator, "stop", str(state)], check=True, capture_output=True)
    processor = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / tenants
    return (
        "200 tenants on one simulator, 5 forks, reports on: what the job takes",
        None,
        "",
        f"{wall:.0f} s, {processor * 1000:.0f} ms of processor time a tenant, {memory:.0f} MiB at the peak",
    )


def measure_period():
    from ansible_collections.cloudbackup.m365.tests.unit.period import recorded_years
    from ansible_collections.cloudbackup.m365.tests.unit.readings import evidence_of, healthy

    columns = ("check", "scope", "status", "observed")
    results = [{name: one[name] for name in columns} for one in evidence_of(healthy())["results"]]
    tenants, size = 10, 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(tenants):
            runs = recorded_years.daily("2026-01-01", 365, f"tenant{number}")
            for day, one in enumerate(runs):
                # A failure of a week each month
                one["results"] = [{**found, "status": "fail"} if day % 30 < 7 else found for found in results]
            path = recorded_years.write(
                pathlib.Path(folder) / "reports", f"tenant{number}", recorded_years.chained(runs)
            )
            size += path.stat().st_size
        days = ["-e", "period_start=2026-01-01", "-e", "period_end=2026-12-31", "-e", "period_now=2027-01-01T00:00:00Z"]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        memory = peak_memory("cloudbackup.m365.period", "-e", f"period_report_dir={folder}/reports", *days)
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (
        f"the report of a year, {tenants} tenants with a run a day ({size / 2**20:.0f} MiB of history): the play",
        None,
        "under 10 s and 300 MiB",
        f"{wall:.1f} s, {processor:.1f} s of processor time, {memory:.0f} MiB at the peak",
    )


MEASURES = (
    measure_gate,
    measure_tenants,
    measure_jobs,
    measure_latency,
    measure_memory,
    measure_fleet,
    measure_period,
)


def machine():
    model = next(
        (
            line.partition(":")[2].strip()
            for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    from ansible.release import __version__

    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, ansible-core {__version__}, requests {requests.__version__}"
    )


def main():
    chosen = {int(number) for number in sys.argv[1:]} or set(range(1, len(MEASURES) + 1))
    print(machine(), flush=True)
    print("\n| | measure | ratio | target | figures |\n| --- | --- | --- | --- | --- |", flush=True)
    for number, measure in enumerate(MEASURES, 1):
        if number in chosen:
            title, ratio, target, figures = measure()
            shown = "" if ratio is None else f"{ratio:.2f}"
            print(f"| {number} | {title} | {shown} | {target} | {figures} |", flush=True)


if __name__ == "__main__":
    # The collection is not installed: its root goes on the path.
    sys.path.insert(0, str(ROOT))
    main()
