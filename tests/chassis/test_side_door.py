"""The side door: nothing is heard there but the path of what everybody may know."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request

import ops
from chassis.health import Stateless
from chassis.http import create_app
from chassis.side_door import OPEN, SideDoor
from chassis.token import TokenVerifier
from services.identity.api import OPEN_PATHS, ROUTERS

ORIGIN = "http://localhost"
SIDE, HTTP = "http://pod:9090", "http://pod:8080"
FORGED = {"x-client-address": "192.0.2.1", "host": "pod:8080", "cookie": "session=1", "authorization": "Bearer x"}
router = APIRouter()


@router.get("/open/said")
@router.get("/said")
@router.post("/open/said")
async def said(request: Request) -> dict[str, str]:
    """What is heard of the request."""
    return {**request.headers, "query": str(request.query_params)}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        "Doors",
        [router],
        origin=ORIGIN,
        lifespan=lifespan,
        watched=Stateless({}),
        token_verifier=TokenVerifier(ORIGIN),
        open_paths=["/open/"],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(SideDoor(app, 9090))) as http:
        yield http


async def test_no_header_and_no_query_is_heard_there(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{SIDE}/open/said?code=1", headers=FORGED)).json() == {"query": ""}
    heard = (await http.get(f"{HTTP}/open/said?code=1", headers=FORGED)).json()
    assert heard.items() >= {**FORGED, "query": "code=1"}.items()


@pytest.mark.parametrize("path", ["/said", "/openapi.json", "/", "/open", "//open/said", "/health/../said"])
async def test_what_is_not_open_is_not_there(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(SIDE + path)).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_nothing_can_be_done_there(http: httpx.AsyncClient, method: str) -> None:
    assert (await http.request(method, f"{SIDE}/open/said")).status_code == 405


async def test_figures_are_told_there_alone_and_probes_at_both(http: httpx.AsyncClient) -> None:
    assert [(await http.get(f"{door}/metrics")).status_code for door in (SIDE, HTTP)] == [200, 404]
    assert [(await http.get(f"{door}/health/ready")).status_code for door in (SIDE, HTTP)] == [200, 200]


def test_of_identity_only_the_texts_of_consents_can_be_got_there() -> None:
    routes = [(path, methods) for router in ROUTERS for path, methods in _of(router)]
    aside = {path for path, methods in routes if path.startswith(OPEN_PATHS) and "GET" in methods}
    consents = "/api/identity/consents"
    text = f"{consents}/{{consent_id}}/{{version}}"
    assert aside == {f"{consents}/current", text, f"{text}/text"}


def test_all_that_operators_ask_of_a_service_is_open() -> None:
    asking = "".join(path.read_text() for path in Path(ops.__file__).parent.glob("*.py"))
    asked = set(re.findall(r"""\{url(?:\.rstrip\(['"]/['"]\))?\}(/[^"]+)\"""", asking))
    assert {"/metrics", "/health/ready", "/.well-known/jwks.json"} < asked
    assert {path for path in asked - OPEN if not path.startswith(OPEN_PATHS)} == set()


def _of(router: APIRouter) -> list[tuple[str, set[str]]]:
    return [(route.path, route.methods) for route in router.routes]  # type: ignore[attr-defined]  # all are APIRoutes
