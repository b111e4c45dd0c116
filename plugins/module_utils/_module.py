# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The common part of the info modules: from the argument specification to a single exit."""

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

_NO_MEMORY = "the data needs more memory than is available"
_NO_MEMORY_HINT = "The data was discarded. Read less at once, or give the task more memory."

Work = Callable[[Client, Generation, Mapping[str, Any], int], dict[str, Any]]
"""Client, API generation, parameters and now in ticks -> the result without ``api``, with the number of ``pages``."""


class Info(NamedTuple):
    """An info module.

    :ivar options: the argument specification of its options other than the connection options.
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
        """Return the exit data of the module, success or failure. Used by the module and by its action.

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
                    "validate_certs is disabled: the server's certificate is not verified, so an attacker in the "
                    "network can read the token and change the results. Do not use such a result as evidence."
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
    if error.failure.method is None:  # otherwise the client has masked it, and added the prefix
        error = error.presentable(secrets)
    message = f"{error.message.rstrip('.')}. {error.failure.hint}"
    return {"failed": True, "msg": message, "failure": error.failure._asdict()}


def run(info: Info) -> None:
    """Run an info module: parse, connect, work, exit. Info modules only read, so check mode makes no difference."""
    module = AnsibleModule(info.specification, supports_check_mode=True)
    result = info.result(module.params, os.environ, module.warn)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause the garbage collection of cycles, which took a sixth of the time: a read creates no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _cleaned(found: dict[str, Any], secrets: Secrets) -> dict[str, Any]:
    """Return a result in which every text that contains a secret is masked.

    :raises errors.Error: unexpected_answer, if an id contains one, since two jobs with masked ids would be one job.
    """
    cleaned: dict[str, Any] = secrets.clean(found)
    if cleaned is not found and _has_masked_id(cleaned):
        raise errors.Error(
            "unexpected_answer",
            "an id in the answer contains a secret",
            hint="The answer was discarded. Check which server answers at api_url, and replace the secret.",
        )
    return cleaned


def _has_masked_id(data: Any) -> bool:
    if isinstance(data, dict):
        return data.get("id") == MASK or any(map(_has_masked_id, data.values()))
    return isinstance(data, list) and any(map(_has_masked_id, data))


def api_facts(client: Client, pages: int) -> dict[str, Any]:
    """Return C(api) of a result: the connection, and how it was read."""
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
