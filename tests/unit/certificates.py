# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates made for a test: authorities, servers, app registrations."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

ONE_DAY = datetime.timedelta(days=1)
_SIGNS = x509.KeyUsage(
    **dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    ),
    **dict.fromkeys(("key_cert_sign", "crl_sign"), True),
    **dict.fromkeys(("encipher_only", "decipher_only"), False),
)


def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_pem(key, passphrase=None):
    protection = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode()


def elliptic_key_pem():
    return key_pem(ec.generate_private_key(ec.SECP256R1()))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def authority(key_usage=True):
    """A certificate that may sign others, and its key. Without its key usage strict checking refuses it."""
    key = rsa_key()
    return _certificate("Test authority", key, None, None, ca=True, key_usage=key_usage), key


def issued(signer, name="localhost", addresses=("127.0.0.1",), days=1):
    """A server's certificate signed by an authority, and its key; ``days`` below 0 is an expired one."""
    key = rsa_key()
    names = [x509.DNSName(name), *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]
    return _certificate(name, key, signer, names, days=days), key


def self_signed(name="app"):
    """A certificate of an app registration, and its key."""
    key = rsa_key()
    return _certificate(name, key, None, None), key


def _certificate(name, key, signer, alternative_names, *, ca=False, days=1, key_usage=True):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing_key = (signer[0].subject, signer[1]) if signer else (subject, key)
    now = datetime.datetime.now(datetime.timezone.utc)
    until = now + days * ONE_DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, until) - ONE_DAY)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        # From Python 3.13 on a certificate has to say which key signed it, and one that signs what it may do.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if ca and key_usage:
        builder = builder.add_extension(_SIGNS, critical=True)
    if alternative_names:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative_names), critical=False)
    return builder.sign(signing_key, hashes.SHA256())


def subject_hash(certificate):
    """The name under which OpenSSL looks a certificate up in a directory (`openssl x509 -subject_hash`)."""
    # The canonical form of a name with a single common name: one SET, its value in lower-case UTF-8, without the
    # outer SEQUENCE.
    text = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value.lower().encode()
    value = bytes([0x0C, len(text)]) + text
    pair = bytes.fromhex("0603550403") + value
    sequence = bytes([0x30, len(pair)]) + pair
    canonical = bytes([0x31, len(sequence)]) + sequence
    return f"{int.from_bytes(hashlib.sha1(canonical).digest()[:4], 'little'):08x}"
