"""Keys of tokens: asked for once by however many, and not believed for ever when nobody confirms them any more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Response

from chassis.signing import SigningKey
from chassis.token import ISSUER, KEYS_BELIEVED, KEYS_KEPT, TokenVerifier

NOW = datetime.now(UTC)
KEY = SigningKey(Ed25519PrivateKey.generate())
TOKEN = KEY.sign({"iss": ISSUER, "sub": "account", "exp": NOW + timedelta(days=1)})
STRANGE = SigningKey(Ed25519PrivateKey.generate()).sign({"iss": ISSUER, "sub": "account", "exp": NOW})


class Issuer:
    """Publishes the key, slowly, until it is told to fail; counts who asks."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.fails = False
        self.app = FastAPI()
        self.app.get("/.well-known/jwks.json")(self._jwks)

    async def _jwks(self, response: Response) -> dict[str, object]:
        self.asked += 1
        await asyncio.sleep(0.05)
        response.status_code = 503 if self.fails else 200
        return {"keys": [KEY.jwk]}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = uvicorn.Server(uvicorn.Config(issuer.app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()
    issuer.url = f"http://{host}:{port}"
    yield issuer
    server.should_exit = True
    await serving


async def test_the_first_requests_wait_together_for_one_answer(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer.url)
    claims = await asyncio.gather(*(verifier.verify(TOKEN, NOW) for _ in range(10)))
    assert [each["sub"] for each in claims] == ["account"] * 10
    assert issuer.asked == 1


async def test_without_keys_every_one_of_the_first_requests_is_told_so(issuer: Issuer) -> None:
    issuer.fails, verifier = True, TokenVerifier(issuer.url)
    results = await asyncio.gather(*(verifier.verify(TOKEN, NOW) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(result, httpx.HTTPError) for result in results)
    assert issuer.asked == 1


async def test_an_unknown_key_is_not_asked_for_again_and_again(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer.url)
    for _ in range(5):
        with pytest.raises(jwt.InvalidTokenError):
            await verifier.verify(STRANGE, NOW)
    assert issuer.asked == 1


async def test_keys_that_nobody_confirms_are_believed_for_an_hour_and_no_longer(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer.url)
    await verifier.verify(TOKEN, NOW)
    issuer.fails = True
    for later in (KEYS_KEPT * 2, KEYS_BELIEVED):
        assert await verifier.verify(TOKEN, NOW + later)
    with pytest.raises(httpx.HTTPError):
        await verifier.verify(TOKEN, NOW + KEYS_BELIEVED + timedelta(seconds=2))
    issuer.fails = False
    assert await verifier.verify(TOKEN, NOW + KEYS_BELIEVED + timedelta(seconds=4))
