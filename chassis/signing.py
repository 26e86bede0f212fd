"""Signing keys: Ed25519, published as JWKS. Which of a service's keys signs when, is said in `signing_keys`."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import APIRouter
from jwt.algorithms import OKPAlgorithm

from chassis.token import ALGORITHM


class Signer(Protocol):
    """What signs, and says by which keys that is verified."""

    def sign(self, claims: dict[str, object]) -> str:
        """A compact JWS of the claims."""

    def published(self) -> Sequence[dict[str, Any]]:
        """The public keys (JWK, RFC 7517)."""


class SigningKey:
    """One private key; its `kid` is made of its public part (RFC 7638)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        public: dict[str, Any] = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self.kid = _thumbprint(public)
        self.jwk = {**public, "alg": ALGORITHM, "use": "sig", "kid": self.kid}

    @classmethod
    def of_pem(cls, pem: bytes) -> "SigningKey":
        """Of a private key in PEM; raises `ValueError` where it is none, or of another kind."""
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("no Ed25519 key")
        return cls(key)

    def sign(self, claims: dict[str, object]) -> str:
        """A compact JWS of the claims."""
        return jwt.encode(claims, self._private, ALGORITHM, headers={"kid": self.kid})

    def published(self) -> Sequence[dict[str, Any]]:
        """Its public part."""
        return [self.jwk]


def jwks_router(signer: Signer) -> APIRouter:
    """`/.well-known/jwks.json`: the public keys, for the other services; the gateway does not route it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, object]:
        return {"keys": signer.published()}

    return router


def _thumbprint(public: dict[str, Any]) -> str:
    required = {name: public[name] for name in ("crv", "kty", "x")}
    digest = hashlib.sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
