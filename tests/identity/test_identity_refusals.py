"""Whoever is refused, turns back or fails at Gosuslugi leaves nothing behind and is told why in Russian."""

import asyncio
from typing import Any

import pytest

from services.identity.attempts import PENDING_PER_BROWSER
from tests.identity.world import World, problem


async def evidence_kept(world: World, attempt_id: str) -> bool:
    found = await world.database["attempts"].find_one({"_id": attempt_id})
    return bool(found and (found.get("evidence") or found.get("verifier")))


@pytest.mark.parametrize("purpose", ["registration", "sign_in"])
@pytest.mark.parametrize(
    ("person", "typ", "told"),
    [
        ({"trusted": False}, "P", (403, "account-unconfirmed")),
        ({"birthDate": "08.02.2014"}, "P", (403, "under-age")),
        ({}, "L", (403, "organisation")),
        ({"birthDate": None}, "P", (502, "esia-refused")),
    ],
)
async def test_who_may_not_come_in_is_told_why(
    world: World, purpose: str, person: dict[str, Any], typ: str, told: tuple[int, str]
) -> None:
    before, browser = await world.everything(), world.browser()
    attempt_id = await browser.begin(purpose)
    said = await browser.at_gosuslugi(attempt_id, world.gosuslugi.invent(typ=typ, **person))
    answer = await browser.complete(attempt_id, said)
    assert problem(answer) == told
    assert (await browser.complete(attempt_id, said)).text == answer.text
    assert not await evidence_kept(world, attempt_id)
    assert not await browser.signed_in()
    assert await world.everything() == before | {"attempts": before["attempts"] + 1}


@pytest.mark.parametrize(("person", "typ"), [({"trusted": False}, "P"), ({}, "L")])
@pytest.mark.parametrize("at", ["documents", "contacts"])
async def test_of_whoever_may_not_come_in_no_documents_or_contacts_are_asked_for(
    world: World, at: str, person: dict[str, Any], typ: str
) -> None:
    browser = world.browser()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, world.gosuslugi.invent(typ=typ, **person))
    await world.gosuslugi.fail(at, "down", times=2)
    answer = await browser.complete(attempt_id, said)
    await world.gosuslugi.mend()
    assert answer.status_code == 403


async def test_a_child_is_told_that_a_parent_adds_the_card(world: World) -> None:
    answer = await world.browser().come_in(world.gosuslugi.invent(birthDate="08.02.2014"))
    assert "с 15 лет" in answer.json()["detail"]
    assert "карту ребёнка добавляет родитель" in answer.json()["detail"]


async def test_signing_in_unregistered_keeps_nothing(world: World) -> None:
    before = await world.everything()
    answer = await world.browser().come_in(world.gosuslugi.invent(), "sign_in")
    assert problem(answer) == (404, "not-registered")
    assert await world.everything() == before | {"attempts": before["attempts"] + 1}


async def test_turning_back_at_gosuslugi_keeps_nothing(world: World) -> None:
    browser = world.browser()
    attempt_id = await browser.begin()
    said = await world.gosuslugi.refuse(await browser.authorization_url(attempt_id))
    said.pop("state")
    assert problem(await browser.complete(attempt_id, said)) == (403, "esia-denied")
    assert not await evidence_kept(world, attempt_id)


async def test_refusing_the_consent_deletes_the_attempts_of_this_browser(world: World) -> None:
    browser, other = world.browser(), world.browser()
    attempt_id, kept = await browser.begin(), await other.begin()
    assert (await browser.http.delete("/api/identity/attempts")).status_code == 204
    assert await world.database["attempts"].find_one({"_id": attempt_id}) is None
    assert await world.database["attempts"].find_one({"_id": kept})


@pytest.mark.parametrize("kind", ["down", "garbage"])
@pytest.mark.parametrize("at", ["person", "documents", "contacts"])
async def test_gosuslugi_failing_for_a_moment_is_not_noticed(world: World, at: str, kind: str) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    await world.gosuslugi.fail(at, kind)
    assert (await browser.complete(attempt_id, said)).status_code == 200


@pytest.mark.parametrize("kind", ["down", "garbage"])
@pytest.mark.parametrize("at", ["person", "documents", "contacts"])
async def test_gosuslugi_failing_after_the_code_was_used_leads_to_signing_in_again(
    world: World, at: str, kind: str
) -> None:
    before, browser, oid = await world.everything(), world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    await world.gosuslugi.fail(at, kind, times=2)
    assert problem(await browser.complete(attempt_id, said)) == (503, "esia-unavailable")
    assert problem(await browser.complete(attempt_id, said)) == (409, "code-refused")
    assert await world.everything() == before | {"attempts": before["attempts"] + 1}
    await browser.register(oid)


async def test_gosuslugi_failing_before_the_code_was_used_may_be_tried_again(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    await world.gosuslugi.fail("token", "down")
    assert problem(await browser.complete(attempt_id, said)) == (503, "esia-unavailable")
    assert (await browser.complete(attempt_id, said)).status_code == 200


async def test_a_forged_code_is_refused(world: World) -> None:
    browser = world.browser()
    attempt_id = await browser.begin()
    assert problem(await browser.complete(attempt_id, {"code": "made up"})) == (409, "code-refused")


async def test_a_code_of_another_attempt_is_refused(world: World) -> None:
    """ЕСИА gives it no tokens: the PKCE verifier is another one."""
    oid, thief, victim = world.gosuslugi.invent(), world.browser(), world.browser()
    said = await victim.at_gosuslugi(await victim.begin(), oid)
    answer = await thief.complete(await thief.begin(), said)
    assert problem(answer) == (502, "esia-refused")
    assert not await thief.signed_in()


@pytest.mark.parametrize("attempt_id", ["8e1c2b6e-3a0a-4b4e-9c7f-000000000000", "nonsense", "%00"])
async def test_an_unknown_attempt_is_told(world: World, attempt_id: str) -> None:
    browser = world.browser()
    assert problem(await browser.complete(attempt_id, {"code": "1"})) == (404, "attempt-unknown")
    answer = await browser.http.post(f"/api/identity/attempts/{attempt_id}/authorization")
    assert problem(answer) == (404, "attempt-unknown")


async def test_a_callback_in_another_browser_is_sent_back_and_the_right_one_goes_on(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    elsewhere = world.browser()
    await elsewhere.begin()
    for other in (elsewhere, world.browser()):
        assert problem(await other.complete(attempt_id, said)) == (409, "other-browser")
        assert not await other.signed_in()
    assert (await browser.complete(attempt_id, said)).status_code == 200


async def test_two_tabs_keep_their_own_attempts(world: World) -> None:
    browser = world.browser()
    tabs = [await browser.begin(region=region) for region in ("RU-STA", "RU-KDA")]
    oids = world.gosuslugi.invent(), world.gosuslugi.invent()
    said = [await browser.at_gosuslugi(tab, oid) for tab, oid in zip(tabs, oids, strict=True)]
    completed = [(await browser.complete(tab, each)).json() for tab, each in zip(tabs, said, strict=True)]
    assert [each["region"] for each in completed] == ["RU-STA", "RU-KDA"]


async def test_of_very_many_tabs_the_oldest_go(world: World) -> None:
    browser = world.browser()
    attempts = [await browser.begin() for _ in range(PENDING_PER_BROWSER + 2)]
    kept = [a for a in attempts if await world.database["attempts"].find_one({"_id": a})]
    assert kept == attempts[2:]


async def test_a_changed_text_is_to_be_shown_again(world: World) -> None:
    browser = world.browser()
    consent = {"id": "personal-data", "version": 1, "sha256": "0" * 64}
    body = {"purpose": "registration", "region": "RU-STA", "consent": consent}
    assert problem(await browser.http.post("/api/identity/attempts", json=body)) == (409, "consent-changed")


async def test_refusals_in_parallel_are_one_refusal(world: World) -> None:
    browser = world.browser()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, world.gosuslugi.invent(trusted=False))
    answers = await asyncio.gather(*(browser.complete(attempt_id, said) for _ in range(4)))
    assert {problem(answer) for answer in answers} == {(403, "account-unconfirmed")}
