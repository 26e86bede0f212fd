"""Identity without the servers it stands on: it lives, says that it is not ready, and lets nobody through."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from chassis.token import HEADER
from deploy.local.ports import free_ports
from deploy.local.secrets import make_secrets
from services.identity.api.cookies import Cookie, new_secret
from services.identity.main import Config, build
from tests.identity.gosuslugi import CLIENT_ID, PORTAL


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The service with nothing behind it."""
    make_secrets(tmp_path)
    nobody = f"127.0.0.1:{free_ports().mongod}"
    return build(
        Config(
            http_port=0,
            portal_origin=PORTAL,
            secrets_dir=tmp_path / "identity",
            mongodb_uri=f"mongodb://{nobody}/identity?directConnection=true",
            kafka_bootstrap_servers=nobody,
            esia_url=f"http://{nobody}",
            esia_client_id=CLIENT_ID,
            settings_url=f"http://{nobody}",
        )
    )


async def test_without_mongodb_nobody_gets_through(app: FastAPI) -> None:
    cookies = {"session": new_secret()}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://identity.test", cookies=cookies)
    paths = "/authz/required/api/cards", "/authz/optional/", "/health/ready", "/health/live"
    async with app.router.lifespan_context(app), client as http:
        *closed, ready, live = await asyncio.gather(*map(http.get, paths))
    for answer in closed:
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert HEADER not in answer.headers
    assert (ready.status_code, live.status_code) == (503, 200)


def test_over_tls_a_cookie_belongs_to_the_portals_host_alone() -> None:
    response, cookie = Response(), Cookie("session", secure=True)
    cookie.write(response, new_secret())
    name, *flags = response.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert {flag.lower() for flag in flags} == {"secure", "httponly", "samesite=lax", "path=/"}
    plain = Request({"type": "http", "headers": [(b"cookie", f"session={new_secret()}".encode())]})
    assert cookie.read(plain) is None
