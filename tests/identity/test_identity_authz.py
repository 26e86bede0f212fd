"""The gateway's question: who is this? And what sessions and a due consent do to the answer."""

from typing import Any

import httpx
import jwt
import pytest

from chassis.token import HEADER
from tests.identity.gosuslugi import PORTAL
from tests.identity.world import Browser, World, problem


def claims_of(world: World, token: str) -> dict[str, Any]:
    key = jwt.PyJWK(world.app.state.identity.signer.published()[0])
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["EdDSA"], issuer="identity")
    return claims


async def signed_in(world: World) -> tuple[Browser, str]:
    browser = world.browser()
    return browser, str((await browser.register(world.gosuslugi.invent()))["account_id"])


@pytest.mark.parametrize("path", ["/authz/required/cards", "/authz/required/api/cards", "/authz/optional/"])
async def test_a_session_becomes_a_token_for_a_minute(world: World, path: str) -> None:
    browser, account_id = await signed_in(world)
    answer = await browser.http.get(path)
    claims = claims_of(world, answer.headers[HEADER])
    session = (await browser.session()).json()
    assert answer.status_code == 200
    assert (claims["sub"], claims["sid"], claims["amr"]) == (account_id, session["session_id"], ["esia"])
    assert 0 < claims["exp"] - claims["iat"] <= 60
    assert not claims["consent_due"]


async def test_the_published_key_verifies_the_token(world: World) -> None:
    published = (await world.browser().http.get("/.well-known/jwks.json")).json()
    assert published == {"keys": world.app.state.identity.signer.published()}
    assert "d" not in published["keys"][0]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_without_a_session_the_api_is_told_so(world: World, method: str) -> None:
    answer = await world.browser().http.request(method, "/authz/required/api/cards")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-required")


async def test_without_a_session_a_page_is_sent_to_sign_in_and_back(world: World) -> None:
    answer = await world.browser().http.get("/authz/required/cards/1/edit?a=%D1%91&b=c")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/sign-in?return_to=%2Fcards%2F1%2Fedit%3Fa%3D%25D1%2591%26b%3Dc"
    assert HEADER not in answer.headers


async def test_where_a_session_is_optional_nobody_is_let_through_as_nobody(world: World) -> None:
    answer = await world.browser().http.post("/authz/optional/registration/consent")
    assert answer.status_code == 200
    assert HEADER not in answer.headers


@pytest.mark.parametrize("cookie", ["x" * 43, "", "'; drop", "я" * 50])
async def test_a_made_up_cookie_is_nobody(world: World, cookie: str) -> None:
    headers = {b"cookie": f"session={cookie}".encode()}
    assert (await world.browser().http.get("/authz/required/api/cards", headers=headers)).status_code == 401


async def test_a_change_from_a_foreign_page_is_refused_at_the_gateway(world: World) -> None:
    browser, _ = await signed_in(world)
    answer = await browser.http.post("/authz/required/api/cards", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_signing_out_works_at_once_and_leaves_through_gosuslugi(world: World) -> None:
    browser, _ = await signed_in(world)
    secret = browser.http.cookies["session"]
    answer = await browser.http.delete("/api/identity/session")
    back = "http%3A%2F%2Flocalhost%3A8080%2F%3Fnotice%3Dsigned-out"
    expected = f"{world.gosuslugi.url}/idp/ext/Logout?client_id=MEDONLINE&redirect_url={back}"
    assert answer.json() == {"logout_url": expected}
    assert not browser.http.cookies, "whoever sits down next begins anew"
    browser.http.cookies.set("session", secret)
    assert (await browser.http.get("/authz/required/api/cards")).status_code == 401


async def test_signing_out_can_lead_back_to_signing_in_anew(world: World) -> None:
    browser, _ = await signed_in(world)
    back = "/sign-in?return_to=/settings"
    answer = await browser.http.delete("/api/identity/session", params={"return_to": back})
    async with httpx.AsyncClient() as left:
        at_gosuslugi = await left.get(answer.json()["logout_url"])
    assert at_gosuslugi.headers["location"] == f"{PORTAL}{back}"


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "cards", ".evil.example"]
)
async def test_signing_out_leads_to_no_other_site_and_then_signs_nobody_out(world: World, back: str) -> None:
    browser, _ = await signed_in(world)
    answer = await browser.http.delete("/api/identity/session", params={"return_to": back})
    assert problem(answer) == (422, "invalid-input")
    assert await browser.signed_in()


async def test_what_a_browser_is_given_goes_when_it_is_closed(world: World) -> None:
    answer = await world.browser().http.post("/api/identity/attempts", json={"purpose": "sign_in"})
    _, *flags = answer.headers["set-cookie"].lower().split("; ")
    assert set(flags) == {"httponly", "samesite=lax", "path=/"}


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    answer = await world.browser().come_in(world.gosuslugi.invent())
    _, *flags = answer.headers["set-cookie"].lower().split("; ")
    assert set(flags) == {"httponly", "samesite=lax", "path=/"}
    assert "session=" not in answer.text


async def test_only_the_hash_of_a_session_is_stored(world: World) -> None:
    browser, _ = await signed_in(world)
    secret = browser.http.cookies["session"]
    stored = [str(document) async for document in world.database["sessions"].find()]
    stored += [str(document) async for document in world.database["attempts"].find()]
    assert not any(secret in document for document in stored)


async def test_a_due_consent_closes_the_services_until_it_is_given(world: World) -> None:
    browser, account_id = await signed_in(world)
    await world.database["sessions"].update_many({"account_id": account_id}, {"$set": {"consent_due": True}})
    closed = await browser.http.get("/authz/required/api/cards/1")
    assert (closed.status_code, closed.json()["type"]) == (403, "/problems/consent-required")
    assert (await browser.http.get("/authz/required/api/identity/session")).status_code == 200
    page = await browser.http.get("/authz/required/cards")
    assert claims_of(world, page.headers[HEADER])["consent_due"]
    text = (await browser.http.get("/api/identity/consents/current")).json()
    consent = {name: text[name] for name in ("id", "version", "sha256")}
    given = await browser.http.post("/api/identity/consents", json={**consent, "region": "RU-STA"})
    assert (given.status_code, given.json()) == (201, {"version": 2}), "the text had been agreed to already"
    assert (await browser.http.get("/authz/required/api/cards/1")).status_code == 200


async def test_a_consent_needs_a_session_and_the_current_text(world: World) -> None:
    browser, _ = await signed_in(world)
    consent = {"id": "personal-data", "version": 1, "sha256": "0" * 64, "region": "RU-STA"}
    assert (await browser.http.post("/api/identity/consents", json=consent)).status_code == 409
    assert (await world.browser().http.post("/api/identity/consents", json=consent)).status_code == 401


@pytest.mark.parametrize("path", ["personal-data/2", "personal-data/0", "cookies/1", "personal-data/1000000000000"])
async def test_a_text_that_was_never_published_is_not_there(world: World, path: str) -> None:
    assert (await world.browser().http.get(f"/api/identity/consents/{path}")).status_code in {404, 422}
