"""Whom the services believe: no token but the gateway's, no page but the portal's, no session that has ended."""

import hashlib
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest

from chassis.token import HEADER
from deploy.local.stack import Stack
from eventlog.process import open_client
from tests.api.caller import ATTEMPTS, CARDS, PROFILE, SESSION, SIGN_INS, Caller, problem
from tests.api.tokens import claims_of, forged, token_of
from tests.journeys.steps import Citizen


async def test_a_token_that_a_client_brings_is_ignored(portal: Stack, caller: Caller, stranger: Caller) -> None:
    stolen = {HEADER: await token_of(portal, caller)}
    for path in (SESSION, CARDS, PROFILE):
        assert problem(await stranger.call("GET", path, headers=stolen)) == (401, "sign-in-required")


async def test_a_token_that_the_signed_in_bring_does_not_make_them_somebody_else(
    portal: Stack, caller: Caller, other: Caller
) -> None:
    own = await other.own_card(1)
    listed = await other.ask("GET", CARDS, headers={HEADER: await token_of(portal, caller)})
    assert [card["card_id"] for card in listed["cards"]] == [own["card_id"]]


@pytest.mark.parametrize("kind", ["own", "expired", "unsigned", "of another key", "of another issuer", "a grant"])
async def test_a_service_itself_believes_identitys_living_token_alone(portal: Stack, caller: Caller, kind: str) -> None:
    token = await token_of(portal, caller)
    shown = token if kind == "own" else forged(portal, claims_of(token), kind)
    async with httpx.AsyncClient(timeout=30) as http:
        for port, path in ((portal.ports.cards, CARDS), (portal.ports.settings, PROFILE)):
            answer = await http.get(f"http://127.0.0.1:{port}{path}", headers={HEADER: shown})
            if kind == "own":
                assert answer.status_code == 200
            else:
                assert problem(answer) == (401, "sign-in-required")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
async def test_another_sites_page_can_change_nothing(caller: Caller, origin: str) -> None:
    foreign = {"origin": origin}
    for method, path, body in (
        ("DELETE", SESSION, None),
        ("POST", ATTEMPTS, {"purpose": "sign_in"}),
        ("PUT", PROFILE, {}),
        ("POST", SIGN_INS, {"login": "+79000000000", "password": "x"}),
        ("POST", CARDS, {}),
    ):
        assert problem(await caller.call(method, path, body, headers=foreign)) == (403, "foreign-origin")
    assert (await caller.call("GET", SESSION)).status_code == 200


async def test_the_portals_own_origin_may(portal: Stack, caller: Caller) -> None:
    assert (await caller.call("DELETE", SESSION, headers={"origin": portal.portal_url})).status_code == 200


def cookies_set(answer: httpx.Response) -> dict[str, Morsel[str]]:
    return {
        name: cookie for line in answer.headers.get_list("set-cookie") for name, cookie in SimpleCookie(line).items()
    }


async def test_cookies_are_for_the_server_alone_and_only_their_hash_is_kept(
    portal: Stack, stranger: Caller, person: Citizen
) -> None:
    begun = await stranger.call("POST", ATTEMPTS, {"purpose": "sign_in"})
    attempt_id = await stranger.begin("registration")
    completed = await stranger.complete(attempt_id, await stranger.visit_esia(attempt_id, person))
    browser, session = cookies_set(begun)["browser"], cookies_set(completed)["session"]
    for cookie in (browser, session):
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
        assert (cookie["domain"], cookie["secure"]) == ("", "")  # plain http, on the loopback alone
        assert len(cookie.value) >= 43
    assert session["max-age"] == ""
    assert session.value not in completed.text
    async with open_client(portal.servers.mongo.uri("root")) as client:
        hashed = hashlib.sha256(session.value.encode()).hexdigest()
        assert await client["identity"]["sessions"].find_one({"_id": hashed})
        kept: list[Any] = await client["identity"]["sessions"].find().to_list()
    assert session.value not in repr(kept)


async def test_a_session_ends_at_once_wherever_its_cookie_is(portal: Stack, caller: Caller, stranger: Caller) -> None:
    stranger.http.cookies = httpx.Cookies(caller.http.cookies)
    assert (await stranger.call("GET", CARDS)).status_code == 200
    assert (await caller.call("DELETE", SESSION)).status_code == 200
    for path in (SESSION, CARDS, PROFILE):
        assert problem(await stranger.call("GET", path)) == (401, "sign-in-required")


async def test_a_made_up_cookie_is_nobodys_session(stranger: Caller) -> None:
    for value in ("", "x", "A" * 64, "../../etc/passwd", "%00"):
        answer = await stranger.call("GET", SESSION, headers={"cookie": f"session={value}"})
        assert problem(answer) == (401, "sign-in-required")


async def test_what_is_between_the_services_is_not_routed_from_outside(caller: Caller) -> None:
    for path in ("/authz/required/api/cards", "/.well-known/jwks.json", "/metrics", "/health/ready"):
        assert (await caller.call("GET", path)).status_code == 404
