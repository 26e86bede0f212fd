"""Each service killed with SIGKILL at every step: what was acknowledged survives, and the person can go on."""

from collections import defaultdict
from collections.abc import Awaitable, Callable

import pytest

from deploy.local.stack import Stack
from tests.journeys.evidence import events
from tests.journeys.steps import (
    Citizen,
    choose_region,
    citizen,
    code_sent_to,
    set_password,
    sign_in_by_esia,
    sign_in_by_password,
    type_esia_password,
    until_card_is_there,
)
from tests.journeys.visitor import Visitor

SERVICES = ("identity", "cards", "settings", "portal", "gateway")

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


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_killed_before_every_step_loses_nothing(portal: Stack, service: str) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        for step in steps_of(visitor, portal, person):
            portal.kill(service)
            portal.start(service)
            await step()
        assert "сохранены" in visitor.page.text
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, person.login, "Survives1")
        await until_card_is_there(visitor)
        assert visitor.page.headings(person.full_name) == 1


@pytest.mark.parametrize("service", ["identity", "portal"])
async def test_a_code_burnt_by_a_crash_leads_to_signing_in_again(portal: Stack, service: str) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await visitor.open("/sign-in")
        await visitor.press("Войти через Госуслуги")
        await type_esia_password(visitor, person)
        visitor.fill("Код подтверждения", await code_sent_to(visitor, portal, person))
        portal.kill(service)
        page = await visitor.press("Подтвердить")
        assert page.status == 503
        assert "недоступен" in page.text
        portal.start(service)
        await visitor.open("/sign-in")
        page = await visitor.press("Войти через Госуслуги")
        if not page.url.startswith(portal.portal_url):
            await sign_in_by_esia(visitor, portal, person)
        await until_card_is_there(visitor)


async def test_while_kafka_is_down_registration_succeeds_and_the_card_comes_later(portal: Stack) -> None:
    person = citizen(portal, "Второй из двух тёзок")
    portal.kill("kafka")
    try:
        async with Visitor(portal.portal_url) as visitor:
            await choose_region(visitor)
            for step in steps_of(visitor, portal, person)[1:6]:
                await step()
            assert "создаётся" in visitor.page.text
            portal.start("kafka")
            await until_card_is_there(visitor, seconds=40)
    finally:
        portal.start("kafka")
    streams = defaultdict(list)
    for envelope in await events(portal):
        streams[envelope.stream_id].append(envelope.version)
    assert all(versions == sorted(versions) for versions in streams.values())
