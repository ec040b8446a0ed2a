"""The local market's own certificate authority: it ends TLS for the vendors' real host names.

All of it stays in one folder, keys with mode 0600, and never gets into a system's trust store:
clients are handed ``bundle.pem`` by their environment, a browser the hash of the leaf's public key.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CA_DAYS = 3650
_LEAF_DAYS = 390  # browsers and Apple's TLS refuse leaves that live longer than 398 days
_RENEW_DAYS = 30


class Certificates(msgspec.Struct, frozen=True):
    """Where everything is: ``ca_file`` the CA alone, ``bundle_file`` the public ones and it.

    ``leaf_file`` holds the leaf's chain and its private key; ``spki`` is the base64 SHA-256 of the
    leaf's public key, which Chromium takes in ``--ignore-certificate-errors-spki-list``.
    """

    ca_file: Path
    bundle_file: Path
    leaf_file: Path
    spki: str


def ensure(folder: Path, hosts: Sequence[str]) -> Certificates:
    """The certificates in ``folder`` for ``hosts``, made where absent, expiring or made for other hosts."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority_key, authority = _authority(folder)
    leaf_file = folder / "leaf.pem"
    leaf = _readable(leaf_file)
    if leaf is None or not _serves(leaf, authority, hosts):
        leaf = _make_leaf(leaf_file, authority_key, authority, hosts)
    bundle = folder / "bundle.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes() + _pem(authority))
    spki = _spki(leaf)
    (folder / "spki.txt").write_text(spki + "\n", encoding="ascii")
    return Certificates(folder / "ca.pem", bundle, leaf_file, spki)


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = folder / "ca.key", folder / "ca.pem"
    authority = _readable(file)
    if authority is not None and key_file.exists() and not _expires(authority):
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key, authority
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stocks local market (this machine only)")])
    usage = _usage(signs_certificates=True)
    authority = (
        _builder(name, name, key.public_key(), _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_secret(key_file, _key_pem(key))
    file.write_bytes(_pem(authority))
    return key, authority


def _make_leaf(
    file: Path, authority_key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, hosts: Sequence[str]
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stocks local market")])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    leaf = (
        _builder(name, authority.subject, key.public_key(), _LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(h) for h in sorted(hosts)]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_secret(file, _pem(leaf) + _pem(authority) + _key_pem(key))
    return leaf


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _serves(leaf: x509.Certificate, authority: x509.Certificate, hosts: Sequence[str]) -> bool:
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if _expires(leaf) or sorted(names.get_values_for_type(x509.DNSName)) != sorted(hosts):
        return False
    signed_by = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    held = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return signed_by == held


def _expires(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=_RENEW_DAYS)


def _readable(file: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _spki(certificate: x509.Certificate) -> str:
    der = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(der).digest()).decode("ascii")


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as secret:
        secret.write(content)
