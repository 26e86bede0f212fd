"""ЕСИА's id_token: RS256, verified against pinned certificates, since ЕСИА publishes no keys.

Several may be pinned, so that ЕСИА can change its certificate without us standing still.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from pydantic import BaseModel, Field, ValidationError

from services.identity.refusals import EsiaRefused

LEEWAY_SECONDS = 60
BAD_TOKEN = "id_token"  # noqa: S105  the name of what is wrong


class _Subject(BaseModel):
    oid: int = Field(alias="urn:esia:sbj:oid")
    subject_type: str = Field("", alias="urn:esia:sbj:typ")
    is_trusted: bool = Field(False, alias="urn:esia:sbj:is_tru")


class _Claims(BaseModel):
    sub: int
    iat: int
    auth_time: int | None = None
    amr: tuple[str, ...] = ()
    subject: _Subject = Field(alias="urn:esia:sbj")


class _Header(BaseModel):
    sbt: Literal["id"]


@dataclass(frozen=True, slots=True)
class IdToken:
    """What the token says: whose it is, what the account is, and how and when the person signed in."""

    oid: int
    subject_type: str
    trusted: bool
    amr: tuple[str, ...]
    authenticated_at: datetime


class IdTokenVerifier:
    """Verifies the tokens that `issuer` made for `client_id`."""

    def __init__(self, pins: Sequence[RSAPublicKey], issuer: str, client_id: str) -> None:
        self._pins = pins
        self._issuer = issuer
        self._client_id = client_id

    @classmethod
    def load(cls, folder: Path, issuer: str, client_id: str) -> "IdTokenVerifier":
        """Read every `*.crt` of the folder; raises `ValueError` where there is none, or one without an RSA key."""
        pins = [load_pem_x509_certificate(path.read_bytes()).public_key() for path in sorted(folder.glob("*.crt"))]
        keys = [pin for pin in pins if isinstance(pin, RSAPublicKey)]
        if not keys or len(keys) != len(pins):
            raise ValueError(f"{folder.name} must hold ЕСИА's certificates (RSA)")
        return cls(keys, issuer, client_id)

    def verify(self, token: str) -> IdToken:
        """Raises `EsiaRefused` for anything that is not a living id_token of ЕСИА's for this client."""
        try:
            _Header.model_validate(jwt.get_unverified_header(token))
            claims = _Claims.model_validate(self._decode(token))
        except (jwt.InvalidTokenError, ValidationError):
            raise EsiaRefused(BAD_TOKEN) from None
        subject = claims.subject
        if claims.sub != subject.oid:
            raise EsiaRefused(BAD_TOKEN)
        at = datetime.fromtimestamp(claims.auth_time or claims.iat, UTC)
        return IdToken(subject.oid, subject.subject_type, subject.is_trusted, claims.amr, at)

    def _decode(self, token: str) -> dict[str, Any]:
        for pin in self._pins:
            try:
                return jwt.decode(
                    token,
                    pin,
                    algorithms=["RS256"],
                    audience=self._client_id,
                    issuer=self._issuer,
                    leeway=LEEWAY_SECONDS,
                    # ЕСИА's `sub` is an integer, which RFC 7519 does not allow and PyJWT refuses.
                    options={"verify_sub": False, "require": ["exp", "nbf", "iat", "iss", "aud", "sub"]},
                )
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError("by none of the pinned certificates")
