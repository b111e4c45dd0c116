# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of the modules; a test holds them to module_utils/_options/spec.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  data_center:
    description:
      - The data center of the tenant. It gives the API host and the token URL.
      - In upper or lower case one of V(aos2), V(au), V(ca), V(ch), V(de), V(fedramp), V(fr), V(gcp-au), V(gcp-jp),
        V(gcp-kr), V(gcp-us), V(gcp-we), V(gov), V(jp), V(kr), V(ne), V(qa), V(sg), V(uae), V(uk), V(us), V(we), V(za).
      - One of O(data_center) and O(api_url) is required.
      - O(data_center), O(api_url) and O(token_url) are one set. If the task gives any of them, none is taken from the
        environment.
      - Without the option, the environment variable E(CLOUDBACKUP_DATA_CENTER) is used.
    type: str
  api_url:
    description:
      - The address of the API instead of O(data_center), for example V(https://graph-us.avepointonlineservices.com).
      - Only V(https) is accepted, and V(http) for loopback addresses alone.
      - Without the option, the environment variable E(CLOUDBACKUP_API_URL) is used.
    type: str
  token_url:
    description:
      - The OAuth 2.0 token endpoint. Required with O(api_url), unless O(access_token) is given.
      - Without the option, the environment variable E(CLOUDBACKUP_TOKEN_URL) is used.
    type: str
  api_version:
    description:
      - The generation of the API to speak.
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
      - The path of an empty file is the same as not set.
      - Needs the Python libraries PyJWT and cryptography.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_CERTIFICATE) is used.
    type: str
  client_private_key:
    description:
      - The RSA private key of O(client_certificate), as PEM text or as the path of a PEM file.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_PRIVATE_KEY) is used.
    type: str
  client_private_key_passphrase:
    description:
      - The passphrase of O(client_private_key), where it is encrypted.
      - Without the option, the environment variable E(CLOUDBACKUP_CLIENT_PRIVATE_KEY_PASSPHRASE) is used.
    type: str
  access_token:
    description:
      - A ready token instead of client credentials. It is valid for one permission, so it serves one of the modules,
        and it cannot be renewed when it expires.
      - Without the option, the environment variable E(CLOUDBACKUP_ACCESS_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether the certificate of the server is checked. If it is not, the module warns.
      - Without the option, the environment variable E(CLOUDBACKUP_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - The path of a PEM file or a directory (prepared with C(openssl rehash)) with the certification authorities to
        trust, instead of those that the Python library certifi brings.
      - Python 3.13 and later refuse an authority without critical C(basicConstraints), C(keyUsage) or key identifiers.
      - E(REQUESTS_CA_BUNDLE) is not used.
      - Without the option, the environment variable E(CLOUDBACKUP_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds for one whole request, from before connecting to the last byte of the answer. V(1) to V(3600).
      - A host name with several addresses is tried one after the other. Each address gets a share of this time.
      - Without the option, the environment variable E(CLOUDBACKUP_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - How often a request is tried again after a connection error, a timeout, a truncated answer or one of the status
        codes 408, 429, 500, 502, 503 and 504. V(0) to V(20).
      - The pauses grow exponentially from half a second to 30 seconds. A C(Retry-After) of up to 60 seconds is obeyed
        where it is longer, and one of more than 60 seconds fails the task at once. A date in it is compared with the
        C(Date) of the answer.
      - Without the option, the environment variable E(CLOUDBACKUP_RETRIES) is used.
    type: int
    default: 4
  page_size:
    description:
      - How many jobs are asked for per page. V(1) to V(10000).
      - It also bounds the answers. A page of V(64) jobs or more may have 32 MiB, a smaller one 16 MiB and 256 KiB for
        each job. A page with more than ten times as many jobs, and 1000, is refused.
      - A list fails after 1000 requests unless every 3 requests brought 10 jobs on the average, or O(page_size) where
        that is less.
      - Without the option, the environment variable E(CLOUDBACKUP_PAGE_SIZE) is used.
    type: int
    default: 100
  concurrency:
    description:
      - How many connections may be used at the same time. V(1) to V(64).
      - Without the option, the environment variable E(CLOUDBACKUP_CONCURRENCY) is used.
    type: int
    default: 4
seealso:
  - ref: ansible_collections.cloudbackup.m365.docsite.authentication
    description: The ways to sign in, permissions, data centers, proxies and TLS.
requirements:
  - requests >= 2.28
  - PyJWT and cryptography, for O(client_certificate) alone
notes:
  - Proxies are taken from the standard environment variables (E(HTTPS_PROXY), E(NO_PROXY)), never for loopback
    addresses. A C(.netrc) file is not used.
  - Where the task runs on the controller anyway, the module reads in the process of the task, without a second Python
    and without temporary files. That is so with a local connection, the Python that runs Ansible as
    C(ansible_python_interpreter), no C(become) and no C(async). Anywhere else the module is sent as usual. The result
    is the same.
  - An empty environment variable is the same as one that is not set.
  - Secrets and tokens are never part of a result or a message. Ansible itself shows what is given on the command line
    or with the C(environment) keyword at high verbosity.
"""
