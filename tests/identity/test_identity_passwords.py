"""Signing in by a grant of settings, and a new password ending the account's other sessions."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.signing import Signer
from eventlog.seal import Seal
from medonline_contracts.identity import PasswordChanged
from tests.identity.world import World


async def redeem(world: World, grant: str, session: str = "") -> httpx.Response:
    browser = world.browser()
    if session:
        browser.http.cookies.set("session", session)
    return await browser.http.post("/api/identity/sessions", json={"grant": grant})


async def test_a_grant_opens_a_session(world: World) -> None:
    account_id = (await world.browser().register(world.gosuslugi.invent()))["account_id"]
    browser = world.browser()
    answer = await browser.http.post("/api/identity/sessions", json={"grant": world.grant(account_id)})
    assert (answer.status_code, answer.json()) == (201, {"account_id": account_id, "consent_due": False})
    session = (await browser.session()).json()
    assert (session["account_id"], session["amr"], session["fresh"]) == (account_id, ["pwd"], False)


async def test_a_grant_is_good_once_even_at_once(world: World) -> None:
    account_id = (await world.browser().register(world.gosuslugi.invent()))["account_id"]
    grant = world.grant(account_id)
    answers = await asyncio.gather(*(redeem(world, grant) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]


@pytest.mark.parametrize(
    "claims", [{"exp": 1_700_000_000}, {"aud": "cards"}, {"iss": "identity"}, {"credential_version": None}, {"jti": 1}]
)
async def test_a_grant_with_wrong_claims_is_refused(world: World, claims: dict[str, Any]) -> None:
    account_id = (await world.browser().register(world.gosuslugi.invent()))["account_id"]
    answer = await redeem(world, world.grant(account_id, **claims))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/grant-refused")


async def test_a_grant_of_nobody_or_by_another_key_is_refused(world: World) -> None:
    account_id = (await world.browser().register(world.gosuslugi.invent()))["account_id"]
    own: Signer = world.app.state.identity.signer
    forged = replace(world, settings_key=own).grant(account_id)
    for grant in (world.grant(str(uuid4())), forged, "a.b.c", "nonsense"):
        assert (await redeem(world, grant)).status_code == 401


async def test_signing_in_replaces_the_session_that_was_in_the_browser(world: World) -> None:
    browser = world.browser()
    account_id = (await browser.register(world.gosuslugi.invent()))["account_id"]
    assert (await redeem(world, world.grant(account_id), browser.http.cookies["session"])).status_code == 201
    assert not await browser.signed_in()


async def test_a_new_password_ends_all_other_sessions_and_is_recorded(world: World) -> None:
    oid, kept, other, stranger = world.gosuslugi.invent(), world.browser(), world.browser(), world.browser()
    account_id = (await kept.register(oid))["account_id"]
    await other.register(oid)
    await stranger.register(world.gosuslugi.invent())
    by_old_password = await redeem(world, world.grant(account_id, 0))
    early = await redeem(world, world.grant(account_id, 1))
    await world.password_set(account_id, 1, (await kept.session()).json()["session_id"])
    async with asyncio.timeout(30):
        while not (await kept.http.get("/api/identity/password?version=1")).json()["applied"]:
            pass
    assert await kept.signed_in()
    assert await stranger.signed_in()
    assert not await other.signed_in()
    assert not await still_open(world, by_old_password)
    assert await still_open(world, early), "it was opened by the new password"
    *_, last = await world.log(account_id)
    assert last.event == PasswordChanged(account_id=account_id, credential_version=1)
    assert (await redeem(world, world.grant(account_id, 0))).status_code == 401
    assert (await redeem(world, world.grant(account_id, 1))).status_code == 201


async def still_open(world: World, opened: httpx.Response) -> bool:
    browser = world.browser()
    browser.http.cookies.set("session", opened.cookies["session"])
    return await browser.signed_in()


async def test_a_password_of_nobody_changes_nothing(world: World) -> None:
    nobody, known = str(uuid4()), world.browser()
    account_id = (await known.register(world.gosuslugi.invent()))["account_id"]
    await world.password_set(nobody, 1, "none")
    await world.password_set(account_id, 1, (await known.session()).json()["session_id"])
    async with asyncio.timeout(30):
        while await world.database["reactor_places"].count_documents({"_id": {"$regex": f"{nobody}|{account_id}"}}) < 2:
            await asyncio.sleep(0.05)
    assert await world.log(nobody) == []
    assert len(await world.log(account_id)) == 3


async def test_while_the_log_is_sealed_a_grant_opens_no_session(world: World) -> None:
    account_id = (await world.browser().register(world.gosuslugi.invent()))["account_id"]
    await Seal(world.database).close("identity.events", "a backup was restored")
    try:
        async with asyncio.timeout(10):
            while (answer := await redeem(world, world.grant(account_id))).status_code == 201:
                await asyncio.sleep(0.2)  # a process looks once a second
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    finally:
        await world.database["relay_places"].update_many({}, {"$unset": {"sealed": ""}})
    assert (await redeem(world, world.grant(account_id))).status_code == 201
