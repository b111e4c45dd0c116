# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of the modules; a test compares them with module_utils/_options/spec.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  data_center:
    description:
      - The data center of the tenant. It determines the API host and the token URL.
      - One of V(aos2), V(au), V(ca), V(ch), V(de), V(fedramp), V(fr), V(gcp-au), V(gcp-jp), V(gcp-kr),
        V(gcp-us), V(gcp-we), V(gov), V(jp), V(kr), V(ne), V(qa), V(sg), V(uae), V(uk), V(us), V(we), V(za), in upper
        or lower case.
      - One of O(data_center) and O(api_url) is required.
      - O(data_center), O(api_url) and O(token_url) are one set. If the task gives any of them, none is taken from the
        environment.
      - Without the option, the environment variable E(CLOUDBACKUP_DATA_CENTER) is used.
    type: str
  api_url:
    description:
      - The address of the API instead of O(data_center), for example V(https://graph-us.avepointonlineservices.com).
      - Must be V(https), except for loopback addresses, which may be V(http).
      - Without the option, the environment variable E(CLOUDBACKUP_API_URL) is used.
    type: str
  token_url:
    description:
      - The OAuth 2.0 token endpoint. Required with O(api_url), unless O(access_token) is given.
      - Without the option, the environment variable E(CLOUDBACKUP_TOKEN_URL) is used.
    type: str
  api_version:
    description:
      - The generation of the API to use.
      - Without the option, the environment variable E(CLOUDBACKUP_API_VERSION) is used.
    type: str
    choices:
      - v1
      - v2
    default: v1
  client_id:
    description:
      - The application (client) ID of the app registration in AvePoint Online Services.
      - O(client_id), O(client_secret), O(client_certificate), O(client_private_key),
        O(client_private_key_passphrase) and O(access_token) are one set. If the task gives any of them, none is taken
        from the environment.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - The client secret of the app registration.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_SECRET) is used.
    type: str
  client_certificate:
    description:
      - The certificate of the app registration, as PEM text or as the path of a PEM file on the host that runs the
        task. Together with O(client_private_key) it is used instead of O(client_secret), to sign a client assertion.
      - The path of an empty file is the same as an option that is not set.
      - Requires the Python libraries PyJWT and cryptography.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_CERTIFICATE) is used.
    type: str
  client_private_key:
    description:
      - The RSA private key of O(client_certificate), as PEM text or as the path of a PEM file.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_PRIVATE_KEY) is used.
    type: str
  client_private_key_passphrase:
    description:
      - The passphrase of O(client_private_key), if it is encrypted.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_PRIVATE_KEY_PASSPHRASE) is used.
    type: str
  access_token:
    description:
      - An access token instead of client credentials. A token is valid for one permission, so it works with one of the
        modules only, and it cannot be renewed when it expires.
      - Without the option, the environment variable E(CLOUDBACKUP_ACCESS_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether to verify the certificate of the server. If it is V(false), the module returns a warning.
      - Without the option, the environment variable E(CLOUDBACKUP_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - The path of a PEM file or a directory (prepared with C(openssl rehash)) with the certification authorities to
        trust, instead of those of the Python library certifi.
      - Python 3.13 and later reject an authority without critical C(basicConstraints), C(keyUsage) or key identifiers.
      - E(REQUESTS_CA_BUNDLE) is not used.
      - Without the option, the environment variable E(CLOUDBACKUP_CA_PATH) is used.
    type: path
  timeout:
    description:
      - The time limit of a request in seconds, from connecting to the last byte of the response. V(1) to V(3600).
      - If a host name has several addresses, they are tried in turn, and each gets a share of this time.
      - Without the option, the environment variable E(CLOUDBACKUP_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - How many times a request is retried after a connection error, a timeout, a truncated response or one of the
        status codes 408, 429, 500, 502, 503 and 504. V(0) to V(20).
      - The delays grow exponentially from half a second to 30 seconds. A longer C(Retry-After) of up to 60 seconds is
        obeyed. If C(Retry-After) is more than 60 seconds, the task fails at once. A date in it is compared with the
        C(Date) header of the response.
      - Without the option, the environment variable E(CLOUDBACKUP_RETRIES) is used.
    type: int
    default: 4
  page_size:
    description:
      - How many jobs to request per page. V(1) to V(10000).
      - It also limits the size of a response. A page of V(64) jobs or more may have 32 MiB; a smaller one may have 16
        MiB plus 256 KiB per job. A page with more than 1000 jobs plus ten times O(page_size) is rejected.
      - After 1000 requests, reading a list fails unless every 3 requests returned 10 jobs on average, or O(page_size)
        jobs if that is less.
      - Without the option, the environment variable E(CLOUDBACKUP_PAGE_SIZE) is used.
    type: int
    default: 100
  concurrency:
    description:
      - The maximum number of simultaneous connections. V(1) to V(64).
      - Without the option, the environment variable E(CLOUDBACKUP_CONCURRENCY) is used.
    type: int
    default: 4
seealso:
  - name: Authentication and connection
    link: https://github.com/cloudbackup/cloudbackup.m365/blob/main/docs/docsite/rst/authentication.rst
    description: Credentials, permissions, data centers, proxies and TLS.
requirements:
  - requests >= 2.28
  - PyJWT and cryptography, only for O(client_certificate)
notes:
  - Proxies are taken from the standard environment variables (E(HTTPS_PROXY), E(NO_PROXY)), never for loopback
    addresses. A C(.netrc) file is not used.
  - With a local connection, the Python that runs Ansible as C(ansible_python_interpreter), no C(become) and no
    C(async), the module runs in the process of the task, without a second Python process and without temporary files.
    Otherwise it is transferred and run as usual. The result is the same.
  - An empty environment variable is treated as not set.
  - Results and messages never contain secrets or tokens. At high verbosity, however, Ansible itself shows values from
    the command line and the C(environment) keyword.
"""
