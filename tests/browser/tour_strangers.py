"""The tour of a stranger: the public pages, registration, Gosuslugi's own screens, and its failing."""

from collections.abc import AsyncIterator

import httpx
from playwright.async_api import Page

from deploy.local.stack import Stack
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
    sign_in_by_password,
    type_esia_password,
)
from tests.journeys.newcomers import newcomer

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
