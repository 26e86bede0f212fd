"""ЕСИА's `client_secret`, v1: a detached CMS signature (RFC 5652) without attributes, DER, base64url."""

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import Certificate, load_pem_x509_certificate

_DETACHED = (PKCS7Options.DetachedSignature, PKCS7Options.NoAttributes, PKCS7Options.Binary)


@dataclass(frozen=True, slots=True)
class EsiaClient:
    """The information system as it is registered with ЕСИА: its mnemonic, and the key of its certificate."""

    client_id: str
    certificate: Certificate
    key: RSAPrivateKey

    @classmethod
    def load(cls, client_id: str, folder: Path) -> "EsiaClient":
        """Read `esia-client.crt` and `esia-client.pem`; raises `OSError` or `ValueError`."""
        key = load_pem_private_key((folder / "esia-client.pem").read_bytes(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("esia-client.pem is no RSA key")
        return cls(client_id, load_pem_x509_certificate((folder / "esia-client.crt").read_bytes()), key)

    def secret(self, scope: str, timestamp: str, state: str) -> str:
        """The signature over scope, timestamp, client_id and state, as each request has to carry it."""
        message = f"{scope}{timestamp}{self.client_id}{state}".encode()
        builder = PKCS7SignatureBuilder().set_data(message).add_signer(self.certificate, self.key, hashes.SHA256())
        return base64.urlsafe_b64encode(builder.sign(Encoding.DER, list(_DETACHED))).decode()
