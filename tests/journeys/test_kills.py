"""Each service killed with SIGKILL between steps: what was acknowledged survives, and the person can go on."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import httpx
import pytest

from deploy.local.stack import Stack
from medonline_contracts.cards import PatientCardState
from medonline_contracts.identity import EsiaAuthenticated
from tests.journeys.evidence import events
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import (
    Citizen,
    choose_region,
    code_sent_to,
    reach_esia,
    set_password,
    sign_in_by_password,
    type_esia_password,
    until_card_is_there,
    until_shown,
)
from tests.journeys.visitor import Visitor

SERVICES = ("identity", "cards", "settings", "portal", "gateway")
WHERE_IT_HURTS = ("gateway", "portal", "identity", "portal", "gateway", "identity", "cards", "settings")
"""Before each step one that has a part in it."""

pytestmark = pytest.mark.timeout(600)  # what was killed starts anew, again and again

Step = Callable[[], Awaitable[object]]


def steps_of(visitor: Visitor, stack: Stack, person: Citizen) -> list[Step]:
    """The whole journey in single steps; between any two of them something may be killed."""

    async def confirm() -> None:
        visitor.fill("Код подтверждения", await code_sent_to(visitor, stack, person))
        await visitor.press("Подтвердить")

    return [
        lambda: choose_region(visitor),
        lambda: visitor.follow("Зарегистрироваться"),
        lambda: visitor.press("Да, я согласен"),
        lambda: visitor.follow("госуслуг"),
        lambda: type_esia_password(visitor, person),
        confirm,
        lambda: until_card_is_there(visitor),
        lambda: set_password(visitor, "Survives1"),
    ]


@pytest.mark.parametrize(
    "struck",
    [
        pytest.param(WHERE_IT_HURTS, id="each"),
        *(pytest.param([service] * len(WHERE_IT_HURTS), id=service, marks=pytest.mark.long) for service in SERVICES),
    ],
)
async def test_a_service_killed_before_every_step_loses_nothing(portal: Stack, struck: Sequence[str]) -> None:
    person = newcomer(portal)
    async with Visitor(portal.portal_url) as visitor:
        for step, service in zip(steps_of(visitor, portal, person), struck, strict=True):
            portal.kill(service)
            portal.start(service)
            await step()
        assert "сохранены" in visitor.page.text
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, person.login, "Survives1")
        await until_card_is_there(visitor)
        assert visitor.page.headings(person.full_name) == 1


async def test_a_service_killed_while_gosuslugi_sends_the_person_back_loses_nothing(portal: Stack) -> None:
    person = newcomer(portal)
    async with Visitor(portal.portal_url) as visitor, httpx.AsyncClient(base_url=portal.esia_url) as esia:
        await choose_region(visitor)
        for step in steps_of(visitor, portal, person)[1:5]:
            await step()
        # The code is exchanged, and while Gosuslugi takes its time to say who the person is, identity dies.
        await esia.post("/stand-in/faults", json={"at": "person", "kind": "slow", "times": 1, "seconds": 30})
        confirming = asyncio.ensure_future(steps_of(visitor, portal, person)[5]())
        try:
            async with asyncio.timeout(30):
                while (await esia.get("/stand-in/faults")).json():
                    await asyncio.sleep(0.1)
        finally:
            await esia.delete("/stand-in/faults")
        portal.kill("identity")
        await confirming
        assert "недоступен" in visitor.page.text
        callback = visitor.page.url
        portal.start("identity")
        page = await visitor.open(callback)
        assert "Войти" in page.text
        assert await registered(portal, person) == []
        await choose_region(visitor)
        await reach_esia(visitor)  # Gosuslugi still knows who is there
        await until_card_is_there(visitor)
    assert len(await registered(portal, person)) == 1


async def registered(stack: Stack, person: Citizen) -> list[str]:
    """The accounts under which the person is known on the wire."""
    found = [envelope.event for envelope in await events(stack)]
    mine = [e for e in found if isinstance(e, EsiaAuthenticated) and e.person.esia_oid == person.esia["oid"]]
    return sorted({event.account_id for event in mine})


async def test_while_kafka_is_down_registration_succeeds_and_the_card_comes_later(portal: Stack) -> None:
    person = newcomer(portal)
    portal.kill("kafka")
    try:
        async with Visitor(portal.portal_url) as visitor:
            await choose_region(visitor)
            for step in steps_of(visitor, portal, person)[1:6]:
                await step()
            assert "создаётся" in visitor.page.text
            await asyncio.to_thread(portal.start, "kafka")
            await until_card_is_there(visitor, seconds=120)
            # Whoever comes next has to find everybody back: settings by the login, identity by the sessions' end.
            await until_shown(visitor, "Логин для входа по паролю", "/settings", seconds=120)
            await set_password(visitor, "ComesLater1")
            await until_shown(visitor, "сеансы завершены", visitor.page.url, seconds=120)
    finally:
        if portal.dead():
            await asyncio.to_thread(portal.start, "kafka")
    streams = defaultdict(list)
    for envelope in await events(portal):
        if not isinstance(envelope.event, PatientCardState):  # each of those tells of many changes at once
            streams[envelope.stream_id].append(envelope.version)
    for versions in streams.values():  # a crash may have published twice; nothing is skipped and nothing overtakes
        assert list(dict.fromkeys(versions)) == list(range(1, max(versions) + 1))
