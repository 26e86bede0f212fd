"""Registering and signing in through Gosuslugi, over HTTP, with the real MongoDB and the stand-in."""

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, Grantor
from tests.identity.world import ADDRESS, AGENT, World, problem


async def test_registering_records_consent_and_person_and_opens_a_session(world: World) -> None:
    oid, browser = world.gosuslugi.invent(lastName="Семёнова-Д’Арк", middleName="Львовна"), world.browser()
    completed = await browser.register(oid)
    consent, authenticated = await world.log(completed["account_id"])
    text = await browser.http.get("/api/identity/consents/personal-data/1/text")
    assert isinstance(consent.event, ConsentGiven)
    assert consent.event.consent.sha256 == hashlib.sha256(text.content).hexdigest()
    assert consent.event.person == Grantor(address=ADDRESS, user_agent=AGENT)
    assert isinstance(authenticated.event, EsiaAuthenticated)
    person = authenticated.event.person
    assert (person.esia_oid, person.family_name, person.middle_name) == (oid, "Семёнова-Д’Арк", "Львовна")
    assert person.birth_date == date(1985, 3, 12)
    assert person.snils == world.gosuslugi.said_of(oid)["snils"]
    assert completed | {"account_id": ""} == {
        "account_id": "",
        "version": 2,
        "outcome": "registered",
        "region": "RU-STA",
        "return_to": None,
        "consent_due": False,
    }
    session = (await browser.session()).json()
    assert session["account_id"] == completed["account_id"]
    assert (session["amr"], session["fresh"]) == (["esia"], True)


async def test_coming_back_is_the_same_account_with_what_gosuslugi_says_now(world: World) -> None:
    oid = world.gosuslugi.invent()
    registered = await world.browser().register(oid)
    world.gosuslugi.edit(oid, lastName="Орлова")
    again = await world.browser().come_in(oid, "sign_in")
    assert again.json() | {"outcome": "signed_in", "version": 3} == {**registered, "outcome": "signed_in", "version": 3}
    *_, last = await world.log(registered["account_id"])
    assert isinstance(last.event, EsiaAuthenticated)
    assert last.event.person.family_name == "Орлова"


async def test_registering_again_signs_in(world: World) -> None:
    oid = world.gosuslugi.invent()
    registered = await world.browser().register(oid)
    again = await world.browser().register(oid)
    assert (again["account_id"], again["outcome"], again["version"]) == (registered["account_id"], "signed_in", 3)


async def test_a_new_gosuslugi_account_with_the_same_snils_is_the_same_person(world: World) -> None:
    first = world.gosuslugi.invent()
    second = world.gosuslugi.invent(snils=world.gosuslugi.said_of(first)["snils"])
    registered = await world.browser().register(first)
    linked = (await world.browser().come_in(second, "sign_in")).json()
    assert linked["account_id"] == registered["account_id"]
    world.gosuslugi.edit(second, snils=None)
    assert (await world.browser().register(second))["account_id"] == registered["account_id"]


async def test_name_and_birth_date_link_nobody(world: World) -> None:
    namesakes = world.gosuslugi.invent(), world.gosuslugi.invent()
    accounts = [await world.browser().register(oid) for oid in namesakes]
    assert accounts[0]["account_id"] != accounts[1]["account_id"]


async def test_an_account_keeps_its_person_when_their_snils_becomes_anothers(world: World) -> None:
    first, second = world.gosuslugi.invent(), world.gosuslugi.invent()
    accounts = [(await world.browser().register(oid))["account_id"] for oid in (first, second)]
    world.gosuslugi.edit(second, snils=world.gosuslugi.said_of(first)["snils"])
    again = [(await world.browser().register(oid))["account_id"] for oid in (first, second)]
    assert again == accounts


async def test_ten_browsers_registering_one_person_at_once_make_one_account(world: World) -> None:
    oid = world.gosuslugi.invent()
    browsers = [world.browser() for _ in range(10)]
    attempts = [await browser.begin() for browser in browsers]
    said = [await b.at_gosuslugi(a, oid) for b, a in zip(browsers, attempts, strict=True)]
    ways = zip(browsers, attempts, said, strict=True)
    completed = [answer.json() for answer in await asyncio.gather(*(b.complete(a, s) for b, a, s in ways))]
    assert len({each["account_id"] for each in completed}) == 1
    assert sorted(each["version"] for each in completed) == list(range(2, 12))
    assert [each["outcome"] for each in completed].count("registered") == 1
    assert len(await world.log(completed[0]["account_id"])) == 11


async def test_one_person_is_the_same_by_old_and_new_account_at_once(world: World) -> None:
    first = world.gosuslugi.invent()
    second = world.gosuslugi.invent(snils=world.gosuslugi.said_of(first)["snils"])
    both = await asyncio.gather(world.browser().register(first), world.browser().register(second))
    assert both[0]["account_id"] == both[1]["account_id"]


async def test_reloading_the_callback_changes_nothing_and_answers_the_same(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin(return_to="/settings")
    said = await browser.at_gosuslugi(attempt_id, oid)
    first = await browser.complete(attempt_id, said)
    cookie, before = browser.http.cookies["session"], await world.everything()
    again = await browser.complete(attempt_id, said)
    assert again.json() == first.json()
    assert again.json()["return_to"] == "/settings"
    assert browser.http.cookies["session"] == cookie
    assert await world.everything() == before


async def test_a_double_click_on_the_callback_has_one_effect(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    answers = await asyncio.gather(*(browser.complete(attempt_id, said) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["set-cookie"] for answer in answers}) == 1
    assert len(await world.log(answers[0].json()["account_id"])) == 2


async def test_a_reload_after_signing_out_does_not_sign_in_again(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    await browser.complete(attempt_id, said)
    await browser.http.delete("/api/identity/session")
    again = await browser.complete(attempt_id, said)
    assert problem(again) == (409, "other-browser"), "at sign-out the browser has become nobody's"
    assert not await browser.signed_in()


async def test_a_reload_when_the_session_is_over_does_not_sign_in_again(world: World) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    completed = (await browser.complete(attempt_id, said)).json()
    await world.database["sessions"].delete_many({"account_id": completed["account_id"]})
    assert problem(await browser.complete(attempt_id, said)) == (409, "attempt-used")
    assert not await browser.signed_in()


@pytest.mark.parametrize("said", [{"code": "made up"}, {"error": "access_denied"}])
async def test_a_finished_attempt_gives_its_session_to_nobody_without_its_code(
    world: World, said: dict[str, str]
) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    assert (await browser.complete(attempt_id, await browser.at_gosuslugi(attempt_id, oid))).status_code == 200
    browser.http.cookies.delete("session")
    assert problem(await browser.complete(attempt_id, said)) == (409, "attempt-used")
    assert not await browser.signed_in()


async def test_within_the_session_at_gosuslugi_signing_in_proves_nothing_anew(world: World) -> None:
    oid, browser = world.gosuslugi.invent(), world.browser()
    await browser.register(oid)
    attempt_id = await browser.begin("sign_in")
    said = await browser.at_gosuslugi(attempt_id, oid)
    world.gosuslugi.signed_in_before(said["code"], timedelta(minutes=11))
    assert (await browser.complete(attempt_id, said)).status_code == 200
    session = (await browser.session()).json()
    assert not session["fresh"]
    assert datetime.now(UTC) - datetime.fromisoformat(session["auth_time"]) > timedelta(minutes=11)


async def test_another_person_in_the_same_browser_replaces_the_session(world: World) -> None:
    browser = world.browser()
    first = await browser.register(world.gosuslugi.invent())
    held = browser.http.cookies["session"]
    second = await browser.register(world.gosuslugi.invent())
    assert (await browser.session()).json()["account_id"] == second["account_id"] != first["account_id"]
    stale = world.browser()
    stale.http.cookies.set("session", held)
    assert not await stale.signed_in()


async def test_the_event_reaches_the_bus(world: World) -> None:
    completed = await world.browser().register(world.gosuslugi.invent())
    async with asyncio.timeout(20):
        while await world.database["events"].count_documents(
            {"stream_id": completed["account_id"], "published": False}
        ):
            await asyncio.sleep(0.1)
