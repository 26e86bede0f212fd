"""Local stand, secrets: one machine's keys and passwords, made on the first start, readable by their owner only.

Each service sees a folder of its own (`identity/`, `settings/`, `portal/`, `esia/`); `mongo/` holds the database's,
`kafka/` the broker's.
"""

import datetime as dt
import ipaddress
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from chassis.signing_keys import key_file, key_files, new_key
from medonline_contracts.topics import HOSPITAL

SERVICES = ("identity", "cards", "settings", "portal", "esia")
DATABASES = ("identity", "cards", "settings")  # the portal keeps nothing
OPERATORS = "ops"
KAFKA_ADMIN = "admin"  # who sets the broker up, and the broker to itself
THIS_MACHINE = ipaddress.ip_address("127.0.0.1")
KAFKA_USERS = (*DATABASES, OPERATORS, HOSPITAL)


def make_secrets(folder: Path) -> None:
    """Make what is missing; what exists stays as it is."""
    for name in (*SERVICES, "mongo", "kafka", "identity/esia-pins"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for service in ("identity", "settings"):
        if not key_files(folder / service):
            write_secret(folder / service / key_file(dt.datetime.now(dt.UTC)).name, new_key())
    for key in ("identity/hash.key", "identity/session.key", "cards/hash.key", "settings/hash.key", "portal/form.key"):
        _keep(folder / key, lambda: secrets.token_hex(32).encode())
    _keep_certified(folder / "identity/esia-client", "MEDONLINE")
    _keep_certified(folder / "esia/signing", "ESIA stand-in")
    _keep(folder / "identity/esia-pins/esia.crt", (folder / "esia/signing.crt").read_bytes)
    _keep(folder / "mongo/keyfile", lambda: secrets.token_hex(48).encode())
    for user in ("root", OPERATORS, *DATABASES):
        _keep(folder / f"mongo/{user}.password", _password)
    for user in (KAFKA_ADMIN, *KAFKA_USERS):
        _keep(folder / f"kafka/{user}.password", _password)
    _keep_certified(folder / "kafka/broker", "Kafka of one machine")
    key_and_certificate = (folder / "kafka/broker.pem", folder / "kafka/broker.crt")
    _keep(folder / "kafka/broker-with-key.pem", lambda: b"".join(part.read_bytes() for part in key_and_certificate))


def _password() -> bytes:
    return secrets.token_urlsafe(24).encode()


def _keep(path: Path, make: Callable[[], bytes]) -> None:
    if not path.exists():
        write_secret(path, make())


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    unfinished.rename(path)


def _keep_certified(path: Path, owner: str) -> None:
    """An RSA key in `path`.pem and a certificate for it, signed by itself, in `path`.crt."""
    _keep(path.with_suffix(".pem"), lambda: _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    key = serialization.load_pem_private_key(path.with_suffix(".pem").read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    _keep(path.with_suffix(".crt"), lambda: _certificate(key, owner))


def _certificate(key: rsa.RSAPrivateKey, owner: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(THIS_MACHINE)]), critical=False)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
