"""The tour of someone signed in: everything about their cards, and their settings."""

from collections.abc import AsyncIterator

from playwright.async_api import Page

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import button, field, link, sees, set_password
from tests.browser.test_browser_cards import CHILDS_CARD, add_child, unfold
from tests.journeys.newcomers import newcomer

Stops = AsyncIterator[str]


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
    await link(page, f"История изменений карты: {CHILDS_CARD}").click()
    await sees(page, f"Удалена: {CHILDS_CARD}")
    yield "card-history-removed"
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
