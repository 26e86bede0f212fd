"""The tokens between the services: the real ones, asked for behind the gateway, and forged ones to try doors with."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.signing import SigningKey
from chassis.signing_keys import key_files, signing
from chassis.token import ALGORITHM, HEADER
from deploy.local.stack import Stack
from tests.api.caller import CARDS, Caller


async def token_of(stack: Stack, caller: Caller) -> str:
    """The access token that the gateway would be given for this caller."""
    cookie = f"session={caller.http.cookies['session']}"
    async with httpx.AsyncClient(timeout=30) as http:
        url = f"http://127.0.0.1:{stack.ports.identity}/authz/required{CARDS}"
        answer = await http.get(url, headers={"cookie": cookie})
    assert answer.status_code == 200, answer.text
    return str(answer.headers[HEADER])


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def key_of(stack: Stack, service: str) -> SigningKey:
    """The key with which a service signs now."""
    folder = stack.folder / "secrets" / service
    file = signing(key_files(folder), datetime.now(UTC))
    return SigningKey.of_pem((folder / file.name).read_bytes())


def forged(stack: Stack, claims: dict[str, Any], kind: str) -> str:
    """A token with these claims that nobody should believe."""
    identity = key_of(stack, "identity")
    match kind:
        case "expired":
            return identity.sign({**claims, "iat": int(time.time()) - 120, "exp": int(time.time()) - 60})
        case "unsigned":
            return jwt.encode(claims, "", "none", headers={"kid": identity.kid})
        case "of another key":
            return jwt.encode(claims, Ed25519PrivateKey.generate(), ALGORITHM, headers={"kid": identity.kid})
        case "of another issuer":
            return identity.sign({**claims, "iss": "settings"})
        case "a grant":
            return key_of(stack, "settings").sign({**claims, "iss": "settings", "aud": "identity"})
    raise ValueError(kind)
