"""Registration: consent, Gosuslugi, the card made by itself; whoever stops on the way leaves nothing behind."""

import asyncio
import hashlib
import json

import pytest

from deploy.local.stack import Stack
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated
from tests.journeys.evidence import events, everything_kept
from tests.journeys.steps import (
    Citizen,
    choose_region,
    citizen,
    code_sent_to,
    pass_esia,
    reach_esia,
    register,
    sign_in_by_esia,
    type_esia_password,
    until_shown,
)
from tests.journeys.visitor import Visitor


async def person_events(stack: Stack, person: Citizen, at_least: int = 1) -> list[EsiaAuthenticated]:
    """What Gosuslugi said of the person, as soon as it has been published so many times."""
    async with asyncio.timeout(30):
        while len(mine := await _published_of(stack, person)) < at_least:
            await asyncio.sleep(0.2)
    return mine


async def _published_of(stack: Stack, person: Citizen) -> list[EsiaAuthenticated]:
    found = [envelope.event for envelope in await events(stack)]
    return [e for e in found if isinstance(e, EsiaAuthenticated) and e.person.esia_oid == person.esia["oid"]]


async def test_what_gosuslugi_said_is_on_the_card_and_on_the_wire(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        text = visitor.page.text
    esia, documents = person.esia["person"], {d["type"]: d for d in person.esia["documents"]}
    passport, policy = documents["RF_PASSPORT"], documents["MDCL_PLCY"]
    for said in (person.full_name, esia["birthDate"], esia["snils"], policy["unitedNumber"], policy["medicalOrg"]):
        assert said in text
    assert f"{passport['series']} {passport['number']}" in text
    (event, *_) = await person_events(portal, person)
    assert event.person.family_name == esia["lastName"]
    assert event.person.snils == esia["snils"]
    assert event.person.identity_document is not None
    assert event.person.identity_document.issued_by == passport["issuedBy"]
    assert event.person.oms_policy is not None
    assert event.person.oms_policy.insurer == policy["medicalOrg"]


async def test_the_consent_on_the_wire_is_the_text_that_was_shown(portal: Stack) -> None:
    person = citizen(portal, "Картинка из инструкции")
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        (authenticated, *_) = await person_events(portal, person)
        stream = await events(portal, authenticated.account_id)
        consent = stream[0].event
        assert isinstance(consent, ConsentGiven)
        address = f"/api/identity/consents/{consent.consent.id}/{consent.consent.version}/text"
        shown = await visitor.http.get(portal.portal_url + address)
    assert hashlib.sha256(shown.content).hexdigest() == consent.consent.sha256
    assert consent.region == "RU-STA"
    assert consent.person.address == "127.0.0.1"
    assert [envelope.version for envelope in stream[:2]] == [1, 2]


STEPS = ("consent", "refused", "agreed", "esia", "password", "code", "cancelled")


@pytest.mark.parametrize("stop", STEPS)
async def test_who_refuses_or_stops_anywhere_leaves_nothing_behind(portal: Stack, stop: str) -> None:
    person = citizen(portal, "Нет отчества")
    before = await everything_kept(portal)
    async with Visitor(portal.portal_url) as visitor:
        await choose_region(visitor)
        await visitor.follow("Зарегистрироваться")
        if stop == "refused":
            page = await visitor.press("Нет, я отказываюсь")
            assert "останов" in page.text.lower()
        elif stop != "consent":
            await visitor.press("Да, я согласен")
        if stop in STEPS[STEPS.index("esia") :]:
            await visitor.follow("госуслуг")
        if stop in STEPS[STEPS.index("password") :]:
            await type_esia_password(visitor, person)
        if stop == "code":
            visitor.fill("Код подтверждения", "000000")
            await visitor.press("Подтвердить")
        if stop == "cancelled":
            page = await visitor.follow("Отмена")
            assert page.url.startswith(portal.portal_url)
            assert "отмен" in page.text.lower()
    assert await everything_kept(portal) == before


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Учётная запись не подтверждена", "подтвер"),
        ("Ребёнок", "родител"),
        ("Вошёл от имени организации", "организац"),
    ],
)
async def test_who_may_not_register_is_told_why_and_leaves_nothing(portal: Stack, note: str, said: str) -> None:
    before = await everything_kept(portal)
    async with Visitor(portal.portal_url) as visitor:
        await choose_region(visitor)
        await reach_esia(visitor)
        await pass_esia(visitor, portal, citizen(portal, note))
        assert said in visitor.page.text.lower()
        assert visitor.page.url.startswith(portal.portal_url)
    assert await everything_kept(portal) == before


async def test_the_same_person_again_is_the_same_account_with_one_card(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    for _ in range(2):
        async with Visitor(portal.portal_url) as visitor:
            await register(visitor, portal, person)
            assert visitor.page.headings(person.full_name) == 1
    assert len({event.account_id for event in await person_events(portal, person)}) == 1


async def test_two_browsers_registering_one_person_at_once_make_one_account(portal: Stack) -> None:
    person = citizen(portal, "Иностранный гражданин")

    async def come_back_from_esia(visitor: Visitor) -> None:
        await choose_region(visitor)
        await reach_esia(visitor)
        await type_esia_password(visitor, person)
        visitor.fill("Код подтверждения", await code_sent_to(visitor, portal, person))

    async with Visitor(portal.portal_url) as one, Visitor(portal.portal_url) as two:
        await come_back_from_esia(one)
        await come_back_from_esia(two)
        await asyncio.gather(one.press("Подтвердить"), two.press("Подтвердить"))
        for visitor in (one, two):
            assert "/cards" in visitor.page.url
    assert len({event.account_id for event in await person_events(portal, person, at_least=2)}) == 1


async def test_a_new_name_at_gosuslugi_refreshes_the_card(portal: Stack) -> None:
    person = citizen(portal, "Нет отчества")
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
    before = portal.people.read_text()
    try:
        people = json.loads(before)
        for entry in people:
            if entry["oid"] == person.esia["oid"]:
                entry["person"]["lastName"] = "О’Нил-Ёлкина  "
        portal.people.write_text(json.dumps(people, ensure_ascii=False))
        async with Visitor(portal.portal_url) as visitor:
            await sign_in_by_esia(visitor, portal, person)
            await until_shown(visitor, "О’НИЛ-ЁЛКИНА", "/cards")
    finally:
        portal.people.write_text(before)
    assert (await person_events(portal, person))[-1].person.family_name == "О’Нил-Ёлкина  "


async def test_the_callback_opened_again_or_in_another_browser_has_no_second_effect(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor, Visitor(portal.portal_url) as stranger:
        await choose_region(visitor)
        await reach_esia(visitor)
        await type_esia_password(visitor, person)
        visitor.fill("Код подтверждения", await code_sent_to(visitor, portal, person))
        visitor.http.follow_redirects = False
        returned = await visitor.http.send(visitor.request_of("Подтвердить"), follow_redirects=False)
        while not (callback := returned.headers["location"]).startswith(portal.portal_url):
            returned = await visitor.http.get(callback if "://" in callback else portal.esia_url + callback)
        visitor.http.follow_redirects = True
        before = await everything_kept(portal)
        page = await stranger.open(callback)
        assert "браузер" in page.text
        assert await everything_kept(portal) == before
        once = len(await person_events(portal, person, at_least=0)) + 1
        await asyncio.gather(visitor.http.get(callback), visitor.http.get(callback))
        page = await visitor.open(callback)
        assert "/cards" in page.url
    assert len(await person_events(portal, person, at_least=once)) == once
