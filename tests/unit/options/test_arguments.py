# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options: two sets, one environment, and a message that names what is wrong."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.module_utils._http import assertion, errors, secrets
from ansible_collections.cloudbackup.m365.plugins.module_utils._http.credentials import ClientSecret
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import connect as _connect
from ansible_collections.cloudbackup.m365.plugins.module_utils._options import spec as _spec
from ansible_collections.cloudbackup.m365.tests.unit import certificates

SPEC = _spec.connection_spec()
ADDRESS = {"data_center": "us"}
SECRET = {"client_id": "an-id", "client_secret": "a-long-secret"}


def connect(options=None, environment=None, monkeypatch=None):
    """A connection as a module makes it: Ansible's own check and fallbacks first."""
    environment = {f"CLOUDBACKUP_{name.upper()}": value for name, value in (environment or {}).items()}
    if monkeypatch is not None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
    checked = ArgumentSpecValidator(SPEC).validate(dict(options or {}))
    assert not checked.error_messages, checked.error_messages
    return _connect.connect(checked.validated_parameters, environment, secrets.Secrets())


def refused(options=None, environment=None):
    with pytest.raises(errors.Error) as caught:
        connect(options, environment)
    assert caught.value.failure.kind == "arguments"
    return caught.value.message


@pytest.mark.parametrize("code", _names.DATA_CENTERS)
def test_every_data_center_has_its_addresses(code):
    connection = connect({"data_center": code, **SECRET})
    assert connection.api_url.startswith("https://graph")
    assert connection.token_url.endswith("/connect/token")
    assert connection.data_center == code


@pytest.mark.parametrize(
    ("code", "api_url", "token_url"),
    [
        (
            "us",
            "https://graph-us.avepointonlineservices.com",
            "https://identity.avepointonlineservices.com/connect/token",
        ),
        (
            "gcp-we",
            "https://graph-gcp-we.avepointonlineservices.com",
            "https://identity.avepointonlineservices.com/connect/token",
        ),
        (
            "gov",
            "https://graph-gov.avepointonlineservices.com",
            "https://identity-gov.avepointonlineservices.com/connect/token",
        ),
        (
            "aos2",
            "https://graph-aos2.avepointonlineservices.com",
            "https://identity-aos2.avepointonlineservices.com/connect/token",
        ),
        ("fedramp", "https://graphusgovapi.online15.net", "https://identity.online15.net/connect/token"),
    ],
)
def test_the_documented_addresses(code, api_url, token_url):
    connection = connect({"data_center": code, **SECRET})
    assert (connection.api_url, connection.token_url) == (api_url, token_url)


def test_there_are_twenty_commercial_data_centers_and_three_others():
    assert len(_names.DATA_CENTERS) == 23


WRONG = {
    "no address": (SECRET, "data_center or api_url"),
    "token_url alone": ({"token_url": "https://t.example/token", **SECRET}, "data_center or api_url"),
    "two addresses": (
        {"data_center": "us", "api_url": "https://a.example", **SECRET},
        "leave out either it or api_url",
    ),
    "no token_url": ({"api_url": "https://a.example", **SECRET}, "token_url is required"),
    "no scheme": ({"api_url": "a.example", "access_token": "t0ken"}, "api_url must be an https URL"),
    "http": ({"api_url": "http://a.example", "access_token": "t0ken"}, "api_url must be https"),
    "http, almost loopback": (
        {"api_url": "http://localhost.evil.example", "access_token": "t"},
        "api_url must be https",
    ),
    "http token": (
        {"api_url": "https://a.example", "token_url": "http://10.0.0.1/token", **SECRET},
        "token_url must be https",
    ),
    "user in URL": ({"api_url": "https://u:p@a.example", "access_token": "t0ken"}, "api_url must not contain"),
    "query in URL": ({"api_url": "https://a.example?x=1", "access_token": "t0ken"}, "api_url must be a plain URL"),
    "bad port": ({"api_url": "https://a.example:port", "access_token": "t0ken"}, "api_url is not a URL"),
    "no credentials": (ADDRESS, "no credentials"),
    "id alone": ({**ADDRESS, "client_id": "an-id"}, "client_secret or client_certificate"),
    "secret alone": ({**ADDRESS, "client_secret": "a-long-secret"}, "client_id is missing"),
    "two kinds": (
        {**ADDRESS, **SECRET, "access_token": "t0ken"},
        "access_token and client_secret are mutually exclusive",
    ),
    "certificate alone": (
        {**ADDRESS, "client_id": "an-id", "client_certificate": "-----BEGIN CERTIFICATE-----"},
        "client_private_key is missing",
    ),
    "key alone": (
        {**ADDRESS, "client_id": "an-id", "client_private_key": "-----BEGIN PRIVATE KEY-----"},
        "client_certificate is missing",
    ),
    "no such file": (
        {**ADDRESS, "client_id": "i", "client_certificate": "/nowhere/c.pem", "client_private_key": "/nowhere/k.pem"},
        "client_private_key is neither PEM text nor the path of a readable file: No such file",
    ),
    "broken token": ({**ADDRESS, "access_token": "two\r\nlines"}, "access_token contains characters"),
    "timeout 0": ({**ADDRESS, **SECRET, "timeout": 0}, "timeout must be 1 to 3600, not 0"),
    "retries -1": ({**ADDRESS, **SECRET, "retries": -1}, "retries must be 0 to 20, not -1"),
    "page_size 0": ({**ADDRESS, **SECRET, "page_size": 0}, "page_size must be 1 to 10000, not 0"),
    "page_size 10001": ({**ADDRESS, **SECRET, "page_size": 10001}, "page_size must be 1 to 10000"),
    "concurrency 0": ({**ADDRESS, **SECRET, "concurrency": 0}, "concurrency must be 1 to 64, not 0"),
    "concurrency 65": ({**ADDRESS, **SECRET, "concurrency": 65}, "concurrency must be 1 to 64, not 65"),
    "no such ca_path": ({**ADDRESS, **SECRET, "ca_path": "/nowhere/ca.pem"}, "ca_path /nowhere/ca.pem does not exist"),
}


@pytest.mark.parametrize(("options", "named"), WRONG.values(), ids=WRONG)
def test_a_mistake_names_its_option(options, named):
    message = refused(options)
    assert named in message
    assert "a-long-secret" not in message


@pytest.mark.parametrize("option", ["page_size", "concurrency"])
@pytest.mark.parametrize("at", ["least", "most"])
def test_the_ends_of_a_range_are_in_it(option, at):
    value = {"least": 1, "most": {"page_size": 10000, "concurrency": 64}[option]}[at]
    assert getattr(connect({**ADDRESS, **SECRET, option: value}), option) == value


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://127.8.9.1", "https://a.example"],
)
def test_http_is_accepted_for_loopback_alone(url):
    assert connect({"api_url": f"{url}/tenant/", "access_token": "t0ken"}).api_url == f"{url}/tenant"


class TestSets:
    """A set comes whole from the task or whole from the environment."""

    def test_all_from_the_environment(self):
        connection = connect({}, {**ADDRESS, **SECRET})
        assert connection.credentials == ClientSecret("an-id", "a-long-secret")
        assert connection.data_center == "us"

    def test_an_id_of_the_task_never_meets_a_secret_of_the_environment(self):
        assert "no credentials" in refused({**ADDRESS, "client_id": "other-id"}, SECRET)

    def test_credentials_and_addresses_are_separate_sets(self):
        connection = connect(ADDRESS, {**SECRET, "data_center": "uk"})
        assert connection.data_center == "us"
        assert connection.credentials.client_id == "an-id"

    def test_an_api_url_of_the_task_never_meets_a_token_url_of_the_environment(self):
        message = refused({"api_url": "https://a.example", **SECRET}, {"token_url": "https://t.example/token"})
        assert "token_url is required" in message

    def test_empty_is_not_set(self):
        empty = {"client_id": "", "client_secret": " ", "access_token": "", "data_center": ""}
        assert connect({}, {**ADDRESS, **SECRET, "access_token": "", "api_url": ""}).data_center == "us"
        assert "no address" in refused({}, empty)
        assert connect({**ADDRESS, "client_id": "", "access_token": ""}, SECRET).credentials.client_id == "an-id"

    def test_a_path_to_an_empty_file_is_not_set(self, tmp_path):
        nothing = tmp_path / "nothing.pem"
        nothing.write_text("")
        files = {"client_certificate": str(nothing), "client_private_key": str(nothing)}
        assert connect({**ADDRESS, **SECRET, **files}).credentials.client_id == "an-id"
        assert connect(ADDRESS, {**SECRET, **files}).credentials == ClientSecret("an-id", "a-long-secret")
        assert connect({**ADDRESS, **SECRET, "ca_path": str(nothing)}).verify is True

    def test_pem_is_text_or_a_path(self, tmp_path):
        text = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
        path = tmp_path / "app.pem"
        path.write_text(text)
        for value in (text, str(path)):
            options = {**ADDRESS, "client_id": "i", "client_certificate": value, "client_private_key": value}
            assert connect(options).credentials.certificate == text

    def test_a_data_center_of_the_environment_is_checked_too(self):
        assert "data_center 'mars' is unknown" in refused(SECRET, {"data_center": "mars"})
        assert connect(SECRET, {"data_center": "UK"}).data_center == "uk"


@pytest.mark.parametrize("code", ["uk", "UK", " Uk ", "GCP-US"])
def test_a_data_center_is_taken_in_upper_and_lower_case_as_an_option_too(code):
    connection = connect({"data_center": code, **SECRET})
    assert connection.data_center == code.strip().lower()
    assert connection.api_url == _names.DATA_CENTERS[code.strip().lower()][0]


def test_an_unknown_data_center_is_refused_with_those_that_are_known():
    message = refused({"data_center": "Mars" * 40, **SECRET})
    assert "data_center 'marsmars" in message
    assert ", ".join(sorted(_names.DATA_CENTERS)) in message


OUTSIDE_THE_SETS = {
    "api_version": ("v2", "api_version", "v2"),
    "timeout": ("7", "timeout", 7),
    "retries": ("0", "retries", 0),
    "page_size": ("500", "page_size", 500),
    "concurrency": ("8", "concurrency", 8),
}


@pytest.mark.parametrize(("option", "case"), OUTSIDE_THE_SETS.items(), ids=OUTSIDE_THE_SETS)
def test_other_options_fall_back_to_the_environment(option, case, monkeypatch):
    text, attribute, value = case
    assert getattr(connect({}, {**ADDRESS, **SECRET, option: text}, monkeypatch), attribute) == value
    default = getattr(connect({**ADDRESS, **SECRET}, {option: ""}, monkeypatch), attribute)
    assert default == SPEC[option]["default"]


@pytest.mark.parametrize(
    ("text", "verify"),
    [
        ("True", True),
        ("False", False),
        ("", True),
        ("0", False),
        ("1", True),
        ("no", False),
        ("yes", True),
        (" ", True),
    ],
)
def test_booleans_of_the_environment(text, verify, monkeypatch):
    assert connect({}, {**ADDRESS, **SECRET, "validate_certs": text}, monkeypatch).verify is verify


def test_ca_path_falls_back_to_the_environment(tmp_path, monkeypatch):
    path = tmp_path / "ca.pem"
    path.write_text(certificates.pem(certificates.authority()[0]))
    assert connect({}, {**ADDRESS, **SECRET, "ca_path": str(path)}, monkeypatch).verify == str(path)
    path.write_text("")
    assert connect({}, {**ADDRESS, **SECRET, "ca_path": str(path)}, monkeypatch).verify is True


AROUND = ["{}\n", "{}\r\n", " {}", "\t{} \n\n", "\ufeff{}\r\n", "\u00a0{}\u200b", " \ufeff {}"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("source", ["options", "environment"])
def test_what_is_around_a_credential_or_an_address_is_cut_off(around, source):
    address = {"api_url": "https://a.example", "token_url": "https://t.example/token"}
    token = {"access_token": "t0ken"}
    given = {name: around.format(value) for name, value in {**address, **SECRET}.items()}
    made = connect(given) if source == "options" else connect({}, given)
    assert (made.api_url, made.token_url) == tuple(address.values())
    assert (made.credentials.client_id, made.credentials.client_secret) == tuple(SECRET.values())
    given = {name: around.format(value) for name, value in token.items()}
    made = connect({**ADDRESS, **given}) if source == "options" else connect(ADDRESS, given)
    assert made.credentials.access_token == "t0ken"


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", ["text", "path", "blanks around the path"])
def test_what_is_around_a_certificate_a_key_and_a_passphrase_is_cut_off(around, kind, tmp_path):
    certificate, key = certificates.self_signed()
    texts = {
        "client_certificate": around.format(certificates.pem(certificate)),
        "client_private_key": around.format(certificates.key_pem(key, "open sesame")),
    }
    if kind != "text":
        for name, text in texts.items():
            (tmp_path / name).write_bytes(text.encode("utf-8"))
            texts[name] = str(tmp_path / name)
    if kind == "blanks around the path":
        texts = {name: around.format(text) for name, text in texts.items()}
    passphrase = {"client_private_key_passphrase": around.format("open sesame")}
    made = connect({**ADDRESS, "client_id": "an-id", **texts, **passphrase}).credentials
    assert made.passphrase == "open sesame"
    assert made.certificate.strip() == certificates.pem(certificate).strip()
    assert assertion.sign(made.client_id, made.certificate, made.private_key, made.passphrase, "https://t", 0, "id")


@pytest.mark.parametrize("around", AROUND)
def test_a_secret_is_masked_without_what_is_around_it(around):
    masked = secrets.Secrets()
    checked = ArgumentSpecValidator(SPEC).validate(
        {**ADDRESS, **SECRET, "client_secret": around.format("a-long-secret")}
    )
    _connect.connect(checked.validated_parameters, {}, masked)
    assert masked.repeated_in("it is a-long-secret!")


CA_FILES = {
    "DER": (certificates.der, "ca.der is binary, such as DER: expected PEM text"),
    "no certificate": (lambda _ca: b"ssl\n", "ca.der has no certificate: expected PEM text"),
    "a key": (lambda _ca: b"-----BEGIN PRIVATE KEY-----\n", "ca.der has no certificate: expected PEM text"),
    "cut off": (lambda ca: certificates.pem(ca).encode()[:300], "ca.der has a certificate that cannot be read"),
}


@pytest.mark.parametrize(("content", "named"), CA_FILES.values(), ids=CA_FILES)
def test_a_ca_file_that_is_not_pem_is_refused_before_anything_is_sent(content, named, tmp_path):
    path = tmp_path / "ca.der"
    path.write_bytes(content(certificates.authority()[0]))
    message = refused({**ADDRESS, **SECRET, "ca_path": str(path)})
    assert message.startswith(f"ca_path {tmp_path}/")
    assert named in message


def test_a_ca_directory_is_taken_as_it_is(tmp_path):
    assert connect({**ADDRESS, **SECRET, "ca_path": str(tmp_path)}).verify == str(tmp_path)


def test_every_option_is_in_a_set_or_has_a_fallback_and_secrets_are_marked():
    for option, spec in SPEC.items():
        assert ("fallback" in spec) != (option in (*_names.CREDENTIAL_OPTIONS, *_names.ADDRESS_OPTIONS)), option
    marked = {option for option, spec in SPEC.items() if spec.get("no_log")}
    assert marked == {
        "client_secret",
        "client_certificate",
        "client_private_key",
        "client_private_key_passphrase",
        "access_token",
    }


def test_secrets_are_not_in_what_python_shows():
    shown = repr(connect({**ADDRESS, **SECRET}))
    assert "an-id" in shown
    assert "a-long-secret" not in shown


@pytest.mark.parametrize("option", ["client_id", "client_secret", "client_private_key_passphrase", "access_token"])
@pytest.mark.parametrize("from_environment", [False, True])
def test_a_value_that_is_not_utf8_is_refused_by_its_name(option, from_environment):
    """Python reads bytes of the environment that are not UTF-8 as half characters, which nothing can send."""
    given_ones = {**SECRET, option: "gr\udcfc\udcdfe"}
    options, environment = (ADDRESS, given_ones) if from_environment else ({**ADDRESS, **given_ones}, {})
    assert refused(options, environment).startswith(f"{option} ")
