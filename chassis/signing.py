"""Signing keys: Ed25519, published as JWKS. The newest signs, all of them verify, so that keys can be changed."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import APIRouter
from jwt.algorithms import OKPAlgorithm

from chassis.token import ALGORITHM


class SigningKey:
    """One private key; its `kid` is made of its public part (RFC 7638)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        public: dict[str, Any] = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self.kid = _thumbprint(public)
        self.jwk = {**public, "alg": ALGORITHM, "use": "sig", "kid": self.kid}

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """Read a PEM file; raises `ValueError` where it holds another kind of key."""
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path.name} is no Ed25519 key")
        return cls(key)

    def sign(self, claims: dict[str, object]) -> str:
        """A compact JWS of the claims."""
        return jwt.encode(claims, self._private, ALGORITHM, headers={"kid": self.kid})


def jwks_router(keys: list[SigningKey]) -> APIRouter:
    """`/.well-known/jwks.json`: the public keys, for the other services; the gateway does not route it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, object]:
        return {"keys": [key.jwk for key in keys]}

    return router


def _thumbprint(public: dict[str, Any]) -> str:
    required = {name: public[name] for name in ("crv", "kty", "x")}
    digest = hashlib.sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
