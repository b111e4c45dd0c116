# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What the mains of the info modules share: from an argument specification to one exit, whatever happens between."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Callable, NamedTuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _time
from ._api.generations import Generation, generation
from ._http import auth, errors, session
from ._http.client import Client
from ._http.credentials import ClientCertificate
from ._http.secrets import MASK, Secrets
from ._options.connect import connect
from ._options.spec import connection_spec

_REQUESTS_LEAST = (2, 28)

_HINTS = {
    "arguments": "Nothing was sent. ansible-doc describes every option of the module.",
    "missing_library": "Nothing was sent. Install it for the Python that runs the module, or point "
    "ansible_python_interpreter at one that has it.",
}

_NO_MEMORY = "what was read takes more memory than there is"
_NO_MEMORY_HINT = "Nothing of it was used. Ask for less at once, or give the task more memory."

Work = Callable[[Client, Generation, Mapping[str, Any], int], dict[str, Any]]
"""Client, API generation, parameters and now in ticks -> the result without ``api``, with the number of ``pages``."""


class Info(NamedTuple):
    """An info module.

    :ivar options: the argument specification of the options that it has beside those of the connection.
    """

    options: dict[str, Any]
    work: Work

    @property
    def specification(self) -> dict[str, Any]:
        """The whole argument specification."""
        return {**connection_spec(), **self.options}

    def result(
        self, parameters: Mapping[str, Any], environment: Mapping[str, str], warn: Callable[[str], None]
    ) -> dict[str, Any]:
        """Return what the module exits with, success or failure. The one code path for the module and for its action.

        :param parameters: validated, with defaults and fallbacks.
        """
        secrets = Secrets()
        try:
            _require_requests()
            connection = connect(parameters, environment, secrets)
            if isinstance(connection.credentials, ClientCertificate):
                auth.assertion_library()
            if connection.verify is False:
                warn(
                    "validate_certs is off: the server's certificate is not checked, so anyone between may read the "
                    "token and write the answers. Do not sign for such a result."
                )
            with Client(connection, secrets) as client, _no_garbage_collection():
                now = _time.from_unix(time.time())
                found = self.work(client, generation(connection.api_version), parameters, now)
            pages = found.pop("pages")
            cleaned = _cleaned({**found, "api": api_facts(client, pages)}, secrets)
        except errors.Error as error:
            return _failed(error, secrets)
        except (MemoryError, RecursionError):
            return _failed(errors.Error("unexpected_answer", _NO_MEMORY, hint=_NO_MEMORY_HINT), secrets)
        return {"changed": False, **cleaned}


def _failed(error: errors.Error, secrets: Secrets) -> dict[str, Any]:
    error = error.with_facts(hint=_HINTS.get(error.failure.kind))
    if error.failure.method is None:  # otherwise the client has done it, and added what is ours
        error = error.presentable(secrets)
    message = f"{error.message.rstrip('.')}. {error.failure.hint}"
    return {"failed": True, "msg": message, "failure": error.failure._asdict()}


def run(info: Info) -> None:
    """Run an info module: parse, connect, work, exit. Info modules only read, so check mode does the same."""
    module = AnsibleModule(info.specification, supports_check_mode=True)
    result = info.result(module.params, os.environ, module.warn)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause the search for reference cycles: a read makes millions of objects and no cycles, and it took a sixth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _cleaned(found: dict[str, Any], secrets: Secrets) -> dict[str, Any]:
    """Return a result in which every text that repeats a secret is masked.

    :raises errors.Error: unexpected_answer, where an id does: two jobs with one mask as their id would be one job.
    """
    cleaned: dict[str, Any] = secrets.clean(found)
    if cleaned is not found and _has_masked_id(cleaned):
        raise errors.Error(
            "unexpected_answer",
            "the answer has an id that repeats a secret, so it is not shown",
            hint="Nothing of the answer was used. Check what answers at api_url, and replace the secret.",
        )
    return cleaned


def _has_masked_id(data: Any) -> bool:
    if isinstance(data, dict):
        return data.get("id") == MASK or any(map(_has_masked_id, data.values()))
    return isinstance(data, list) and any(map(_has_masked_id, data))


def api_facts(client: Client, pages: int) -> dict[str, Any]:
    """Return C(api) of a result: which connection was read, and how."""
    connection = client.connection
    return {
        "url": connection.api_url,
        "version": connection.api_version,
        "client_id": connection.credentials.client_id,
        "pages": pages,
        **client.traffic.described(),
    }


def _require_requests() -> None:
    if session.IMPORT_ERROR is not None:
        raise _missing("requests", f"{session.IMPORT_ERROR}")
    found = session.REQUESTS_VERSION
    numbers = tuple(int(number) for number in re.findall(r"[0-9]+", found)[:2])
    if numbers < _REQUESTS_LEAST:
        raise _missing(f"requests >= {'.'.join(map(str, _REQUESTS_LEAST))}", f"version {found} is installed")


def _missing(library: str, reason: str) -> errors.Error:
    return errors.Error("missing_library", f"{missing_required_lib(library)} ({reason})")
