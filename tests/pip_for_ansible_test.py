# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ansible-test's own pip work with the package index that pip uses here, and with that alone.

ansible-test passes no variable on to pip, and downloads get-pip from a separate host, without a time limit, unless it
finds it in its cache. So this writes into a private home folder: a pip.conf with the settings in force, and, where that
host cannot be reached, a get-pip that takes pip from Python itself.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
import urllib.request
from importlib import resources
from pathlib import Path

SECONDS_TO_REACH_THE_HOST = 10

# Runs as get-pip does: its arguments are those of `pip install`.
GET_PIP_FROM_PYTHON = """
import subprocess
import sys

packages = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"] + packages)
"""


def write_pip_conf(path: Path) -> None:
    """Write the settings of pip that are in force, from files and from the environment, as one file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    settings = configparser.RawConfigParser()
    settings["global"] = {"quiet": "1"}
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        settings["global"]["proxy"] = proxy
    # `pip config list` sorts by name, so that `:env:.index-url` comes before `global.index-url`, but is the stronger.
    lines = sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:"))
    for name, value in re.findall(r"^(?:global|:env:)\.([\w-]+)=(.*)$", "\n".join(lines), re.MULTILINE):
        settings["global"][name] = ast.literal_eval(value)
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as file:
        settings.write(file)


def provide_get_pip(cache: Path) -> None:
    """Fill ansible-test's cache of get-pip, with the real one where it can be had."""
    sources = resources.files("ansible_test")
    installer = (sources / "_util/target/setup/requirements.py").read_text(encoding="utf-8")
    version = re.search(r"\bpip='([\d.]+)'", (sources / "_internal/python_requirements.py").read_text(encoding="utf-8"))
    address = re.search(r"'(https://\S+/get-pip-%s\.py)'", installer)
    if not version or not address:
        return  # another ansible-test than those known: it looks after itself
    path = cache / "get_pip_{}.py".format(version[1].replace(".", "_"))
    if path.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(address[1] % version[1], timeout=SECONDS_TO_REACH_THE_HOST) as answer:
            script = answer.read()
    except OSError:
        script = GET_PIP_FROM_PYTHON.encode()
    # Sanity and integration tests run side by side: none of them may find half a file.
    begun = path.with_suffix(f".{os.getpid()}")
    begun.write_bytes(script)
    begun.replace(path)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    write_pip_conf(home / ".config/pip/pip.conf")
    provide_get_pip(home / ".ansible/test/cache")
