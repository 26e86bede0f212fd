"""A tour of every page and of every state that a page can be in, errors too; each stop has a name."""

from collections.abc import AsyncIterator

import httpx
from playwright.async_api import Page

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import (
    agree,
    begin_sign_in,
    button,
    choose_region,
    code_on_the_phone,
    field,
    link,
    sees,
    sees_heading,
    set_password,
    sign_in_by_password,
    type_esia_password,
)
from tests.browser.test_browser_cards import CHILDS_CARD, add_child, unfold
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer

PUBLIC = {
    "closed-region": "/regions/RU-SPE",
    "unknown-address": "/no-such-page",
    "consent-text": "/consents/personal-data/1",
    "help": "/help",
    "help-registration": "/help/registration",
    "help-cards": "/help/cards",
    "help-password": "/help/password",
    "help-sign-in": "/help/sign-in",
    "docs": "/docs",
    "docs-events": "/docs/events",
    "docs-identity": "/docs/identity",
    "docs-cards": "/docs/cards",
    "docs-settings": "/docs/settings",
    "docs-portal": "/docs/portal",
    "demo-service": "/demo-services/appointment",
    "attempt-over": "/esia/callback?state=00000000-0000-4000-8000-000000000000&code=1",
}
EXPLANATIONS = ("not-signing-in", "no-sms", "recovery", "support", "service-centre", "bank")

Stops = AsyncIterator[str]


async def public_pages(page: Page) -> Stops:
    """What anyone can open."""
    await page.goto("/regions")
    yield "regions"
    await page.get_by_text("Другие регионы пока не подключены").click()
    yield "regions-all"
    await choose_region(page)
    yield "region"
    for name, address in PUBLIC.items():
        await page.goto(address)
        yield name
    await page.goto("/sign-in")
    yield "sign-in"
    await button(page, "Войти").click()
    await page.get_by_role("alert").wait_for()
    yield "sign-in-empty"
    await sign_in_by_password(page, "+7 (999) 555-00-02", "Whatever1")
    await sees(page, "Неверный логин или пароль")
    yield "sign-in-wrong"


async def registration(page: Page) -> Stops:
    """From the consent to Gosuslugi, where the person turns back."""
    await choose_region(page)
    await link(page, "Зарегистрироваться").click()
    await sees_heading(page, "Согласие")
    yield "consent"
    await button(page, "Нет, я отказываюсь").click()
    await sees(page, "Регистрация остановлена")
    yield "consent-refused"
    await agree(page)
    yield "registration"
    await button(page, "госуслуги").click()
    await link(page, "Отмена").click()
    await sees_heading(page, "Вход через Госуслуги отменён")
    yield "esia-denied"


async def gosuslugi(page: Page, portal: Stack) -> Stops:
    """The stand-in's pages, and the portal's for someone who is not registered."""
    for name in EXPLANATIONS:
        await page.goto(f"{portal.esia_url}/help/{name}")
        yield f"esia-{name}"
    for name, address in (("esia-front", "/"), ("esia-phone", "/phone"), ("esia-unknown", "/help/nothing")):
        await page.goto(portal.esia_url + address)
        yield name
    person = newcomer(portal)
    await begin_sign_in(page)
    yield "esia-login"
    await button(page, "Войти").click()
    await page.get_by_role("alert").wait_for()
    yield "esia-login-wrong"
    for way in ("QR-код", "Эл. подпись"):
        await link(page, way).click()
        yield f"esia-{way}"
        await link(page, "Войти с паролем").click()
    await type_esia_password(page, person)
    yield "esia-code"
    await button(page, "Подтвердить").click()
    await page.get_by_role("alert").wait_for()
    yield "esia-code-wrong"
    await field(page, "Код подтверждения").fill(await code_on_the_phone(portal, person))
    await button(page, "Подтвердить").click()
    await sees_heading(page, "Вы ещё не зарегистрированы")
    yield "not-registered"


async def failing(page: Page, portal: Stack) -> Stops:
    """Gosuslugi is down."""
    person = newcomer(portal)
    await begin_sign_in(page)
    await type_esia_password(page, person)
    httpx.post(f"{portal.esia_url}/stand-in/faults", json={"at": "token", "kind": "down"}).raise_for_status()
    await field(page, "Код подтверждения").fill(await code_on_the_phone(portal, person))
    await button(page, "Подтвердить").click()
    await sees_heading(page, "Госуслуги сейчас не отвечают")
    yield "esia-unavailable"


async def my_cards(page: Page) -> Stops:
    """One card, two cards, none; wrong input; every page about a card."""
    await page.goto("/cards")
    yield "cards"
    await page.get_by_role("banner").locator("summary").click()
    yield "menu"
    await link(page, "указать — СНИЛС").click()
    yield "card-edit"
    await field(page, "СНИЛС").fill("1")
    await button(page, "Сохранить").click()
    await page.get_by_role("alert").wait_for()
    yield "card-edit-wrong"
    await page.goto("/cards/new")
    yield "card-new"
    await button(page, "Добавить карту").click()
    await page.get_by_role("alert").wait_for()
    yield "card-new-wrong"
    await add_child(page)
    yield "cards-two"
    await page.goto("/services/screening")
    yield "for-whom"
    await page.goto("/cards")
    await unfold(page, CHILDS_CARD)
    await link(page, f"История изменений карты: {CHILDS_CARD}").click()
    yield "card-history"
    await link(page, "К карте").click()
    yield "card"
    await link(page, f"Удалить карту: {CHILDS_CARD}").click()
    yield "card-remove"
    await button(page, "Удалить карту").click()
    await sees(page, "Карта удалена")
    yield "cards-removed"
    await page.goto("/regions/RU-MOW")
    yield "region-signed-in"
    await page.goto("/services/screening")
    yield "service-absent"
    await page.goto("/cards/no-such-card")
    yield "card-unknown"


async def settings(page: Page, browsers: Browsers, portal: Stack) -> Stops:
    """Right and wrong, saved, kept, and another person's."""
    await page.goto("/settings")
    yield "settings"
    await field(page, "Телефон").fill("1")
    await set_password(page, "Ab1")
    await page.get_by_role("alert").wait_for()
    yield "settings-wrong"
    await page.goto("/settings")
    await set_password(page, "Tour2026")
    await sees(page, "Изменения сохранены")
    yield "settings-saved"
    phone = await field(page, "Телефон").input_value()
    await page.context.clear_cookies(name="session")
    await field(page, "Имя").fill("Машенька")
    await button(page, "Сохранить").click()
    await sees(page, "Сеанс закончился")
    yield "session-over"
    await field(page, "Логин").fill(phone)
    await field(page, "Пароль").fill("Tour2026")
    await button(page, "Войти").click()
    await sees(page, "Мы сохранили то, что вы вводили")
    yield "settings-kept"
    await browsers.sign_in(page, newcomer(portal))
    await button(page, "Сохранить").click()
    await sees(page, "другой человек")
    yield "other-person"


async def whole_tour(browsers: Browsers, portal: Stack) -> AsyncIterator[tuple[str, Page]]:
    """Every stop, as a stranger and as someone signed in."""
    stranger, at_gosuslugi, in_trouble = [await browsers.open() for _ in range(3)]
    signed_in = await browsers.open_for(newcomer(portal, like=THE_MANUALS_PERSON))
    parts = (
        (stranger, public_pages(stranger)),
        (stranger, registration(stranger)),
        (at_gosuslugi, gosuslugi(at_gosuslugi, portal)),
        (in_trouble, failing(in_trouble, portal)),
        (signed_in, my_cards(signed_in)),
        (signed_in, settings(signed_in, browsers, portal)),
    )
    for page, stops in parts:
        async for stop in stops:
            await page.wait_for_load_state()
            yield stop, page
