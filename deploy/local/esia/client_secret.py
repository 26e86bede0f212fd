"""Gosuslugi stand-in: ESIA's v1 `client_secret`, really verified. Pure.

The secret is a detached CMS signature (RFC 5652) without signed attributes, DER, base64url with or without padding,
over `scope + timestamp + client_id + state`, by the key of the certificate registered for the client.
"""

import base64
import re
from datetime import datetime
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from deploy.local.esia.errors import EsiaCode, EsiaError

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def verify_client_secret(secret: str, message: str, certificate: Certificate, now: datetime) -> None:
    """Passes when the certificate's key signed the message.

    Raises EsiaError: ESIA-007002 when another certificate signed, ESIA-007053 for everything else.
    """
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise EsiaError(EsiaCode.CLIENT_SECRET)
    try:
        signed = _signed_data(secret)
        signer = _only_signer(signed)
        same = _is_of(signed, signer, certificate)
        # asn1crypto parses as it is read: everything has to be read in here.
        algorithm, signature = HASHES[signer["digest_algorithm"]["algorithm"].native], signer["signature"].native
    except (ValueError, TypeError, KeyError) as error:
        raise EsiaError(EsiaCode.CLIENT_SECRET) from error
    if not same:
        raise EsiaError(EsiaCode.CERTIFICATE_MISMATCH)
    _verify_signature(certificate, signature, message.encode(), algorithm)


def _signed_data(secret: str) -> Any:
    if not re.fullmatch(r"[A-Za-z0-9_-]+={0,2}", secret):
        raise ValueError("not base64url")
    bare = secret.rstrip("=")
    content = cms.ContentInfo.load(base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)), strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    signed = content["content"]
    if signed["encap_content_info"]["content"].native is not None:
        raise ValueError("the signature is not detached")
    return signed


def _only_signer(signed: Any) -> Any:
    signers = signed["signer_infos"]
    if len(signers) != 1:
        raise ValueError("one signer is expected")
    if signers[0]["signed_attrs"].native:
        raise ValueError("ESIA's v1 signature has no attributes")
    return signers[0]


def _is_of(signed: Any, signer: Any, certificate: Certificate) -> bool:
    """Whether the signature names this certificate and brings no other along."""
    registered = certificate.public_bytes(Encoding.DER)
    brought = [choice.chosen.dump() for choice in signed["certificates"] or ()]
    if brought and registered not in brought:
        return False
    named = signer["sid"].chosen
    own = asn1_x509.Certificate.load(registered)
    return bool(named["issuer"] == own.issuer and named["serial_number"].native == own.serial_number)


def _verify_signature(
    certificate: Certificate, signature: bytes, message: bytes, algorithm: hashes.HashAlgorithm
) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise EsiaError(EsiaCode.CLIENT_SECRET)
    try:
        key.verify(signature, message, padding.PKCS1v15(), algorithm)
    except InvalidSignature as error:
        raise EsiaError(EsiaCode.CLIENT_SECRET) from error
