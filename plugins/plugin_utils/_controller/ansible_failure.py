# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Ansible's own words about a template or a task that it ended: the cause and what to do, without its quotes.

Its texts quote templates, and with them what a person wrote beside a template: passwords in URLs, whole dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils._http.secrets import cut_urls

from .._compliance.model import wording
from .plain import plain

_UNDEFINED = re.compile(r"'([A-Za-z_][A-Za-z0-9_]{0,80})' is undefined")
_NO_ATTRIBUTE = re.compile(r"has no attribute '([A-Za-z_][A-Za-z0-9_]{0,80})'")
_VAULT = re.compile(r"decrypt|vault secret|vault password|vault format|vault id", re.IGNORECASE)
_PERIOD = re.compile(r"time frame \((\d{1,9})\)|Timed out after (\d{1,9}) second")
_QUOTED = re.compile(r"\s*(?:String:|while templating|The error appears to be|The offending line).*", re.DOTALL)
_LOOKUP = re.compile(r"lookup(?:_plugin\.| plugin |\s+)'?([A-Za-z_][A-Za-z0-9_.]{0,80})")
_CAUSE = re.compile(
    r"HTTP Error \d{3}|[Cc]onnection refused|timed out|Name or service not known|No such file or directory"
    r"|Permission denied|certificate verify failed|returned (?:non-zero exit status )?\d{1,3}\b"
)
"""What a lookup may fail with. Its other words may repeat a command with a token, or the query string of a URL."""
_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,100}(?:/[\w./-]{0,100})?")
"""The address and the path of a URL without credentials. A query string is left out, as it may hold a token."""
_LONGEST = 300


def of_template(error: Exception) -> str:
    """Return why a variable cannot be templated, without the template and without the words of a lookup."""
    causes = _causes(str(error))
    words = f": {causes}" if causes else ""
    return _known(str(error)) or f"a template in it ended with {type(error).__name__}{words}. Correct the template"


def of_task(result: Mapping[str, Any]) -> str:
    """Return why Ansible ended a task; ``result`` is what was registered for it."""
    text = str(plain(result.get("msg") or ""))
    period = _PERIOD.search(text)
    if period or "timedout" in result:
        seconds = f" of {period[1] or period[2]} s" if period else ""
        return (
            f"Ansible ended the task at its own time limit{seconds}, before the answer was complete. Raise the limit, "
            "the keyword timeout of the play or ANSIBLE_TASK_TIMEOUT, or lower timeout and retries of the connection"
        )
    shown = _shortened(text)
    if result.get("unreachable"):
        return (
            f"Ansible reports the host as unreachable: {shown or 'without a reason'}. The reads run on the controller "
            "and need no login. Remove ansible_connection and similar variables of the host and of the job"
        )
    known = _known(text)
    if known:
        return f"Ansible could not begin the task: {known}"
    if _LOOKUP.search(text):
        return f"Ansible could not begin the task: {_causes(text)}"
    return shown or "the task ended without a result"


def _causes(text: str) -> str:
    """Return which lookup failed, where and with what, as far as that is known."""
    lookups = [f"the lookup {name.rstrip('.')}" for name in _LOOKUP.findall(text)[:1]]
    urls = [url.rstrip(".:") for url in _URL.findall(cut_urls(text))[:1]]
    return ", ".join(dict.fromkeys([*lookups, *urls, *_CAUSE.findall(text)[:2]]))


def _shortened(text: str) -> str:
    return wording.one_line(cut_urls(_QUOTED.sub("", text)), _LONGEST).rstrip(".")


def _known(text: str) -> str:
    names = sorted({*_UNDEFINED.findall(text), *_NO_ATTRIBUTE.findall(text)})
    if names:
        return f"{' and '.join(names[:3])} {'is' if len(names) == 1 else 'are'} not defined. Define it for this host"
    if _VAULT.search(text):
        return (
            "a vaulted value cannot be decrypted. Give its vault password to the run (in AWX the vault credential), or "
            "encrypt the value again"
        )
    return ""
