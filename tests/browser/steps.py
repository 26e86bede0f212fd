"""The steps of the manuals in a real browser. Every control is found by its visible role and name."""

import asyncio
import re
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from deploy.local.stack import Stack
from tests.journeys.steps import REGION, Citizen

BY_GOSUSLUGI = "Нажмите здесь, для регистрации с помощью учетной записи портала госуслуг"


def link(page: Page, name: str) -> Locator:
    """A link in the main part of the page."""
    return page.get_by_role("main").get_by_role("link", name=name, exact=True)


def button(page: Page, name: str) -> Locator:
    """A button in the main part of the page."""
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def field(page: Page, label: str) -> Locator:
    """A field to type into."""
    return page.get_by_label(label, exact=True)


def in_header(page: Page, name: str) -> Locator:
    """A link in the header."""
    return page.get_by_role("banner").get_by_role("link", name=name, exact=True)


async def sees_heading(page: Page, name: str) -> None:
    """The page's own heading begins so."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(_beginning(name))


async def sees(page: Page, text: str) -> None:
    """The text stands in the main part."""
    await expect(page.get_by_role("main")).to_contain_text(text)


async def arrive(page: Page, control: Locator, heading: str) -> None:
    """Click it and wait for the page that it leads to."""
    await control.click()
    await sees_heading(page, heading)
    await page.wait_for_load_state()


async def choose_region(page: Page, region: str = REGION) -> None:
    """Figures 1 and 2: from the start page to the region's main page."""
    await page.goto("/regions")
    await link(page, region).click()
    await sees_heading(page, f"Медицина-онлайн {region}")


async def agree(page: Page) -> None:
    """Figure 3: from the region's main page through the consent."""
    await link(page, "Зарегистрироваться").click()
    await button(page, "Да, я согласен").click()
    await sees_heading(page, "Регистрация на портале")


async def begin_sign_in(page: Page) -> None:
    """Figure 16: from anywhere to Gosuslugi."""
    await page.goto("/sign-in")
    await button(page, "Войти через Госуслуги").click()
    await sees_heading(page, "Вход")


async def type_esia_password(page: Page, person: Citizen) -> None:
    """Figure 5: Gosuslugi's login and password."""
    await field(page, "Телефон / Email / СНИЛС").fill(person.login)
    await field(page, "Пароль").fill(person.password)
    await button(page, "Войти").click()
    await sees_heading(page, "Подтвердите вход")


async def type_esia_code(page: Page, stack: Stack, person: Citizen) -> None:
    """Figure 8: the newest code on the person's phone."""
    await field(page, "Код подтверждения").fill(await code_on_the_phone(stack, person))
    await button(page, "Подтвердить").click()


async def pass_esia(page: Page, stack: Stack, person: Citizen) -> None:
    """From Gosuslugi's login page back to the portal."""
    await type_esia_password(page, person)
    await type_esia_code(page, stack, person)


async def open_settings(page: Page, menu: str) -> None:
    """Figures 12 and 13: the menu under the person's name. (ARIA has no role for what unfolds it.)"""
    await page.get_by_role("banner").get_by_text(menu, exact=True).click()
    await in_header(page, "настройки").click()
    await sees_heading(page, "Настройки")


async def set_password(page: Page, password: str) -> None:
    """Figure 14: twice the new password."""
    await field(page, "Пароль").fill(password)
    await field(page, "Повторите пароль").fill(password)
    await button(page, "Сохранить").click()


async def sees_that_others_have_ended(page: Page) -> None:
    """Once the new password is saved; while the word of it is on its way, one looks again."""
    await sees(page, "Изменения сохранены")
    async with asyncio.timeout(20):
        while not await page.get_by_text("Остальные сеансы завершены").count():
            await asyncio.sleep(0.3)
            await page.reload()


async def sign_in_by_password(page: Page, login: str, password: str) -> None:
    """Figure 17: login and password."""
    await page.goto("/sign-in")
    await field(page, "Логин").fill(login)
    await field(page, "Пароль").fill(password)
    await button(page, "Войти").click()


async def sees_own_card(page: Page, person: Citizen) -> None:
    """Figure 11; while the card is still being made, the page says to look again."""
    await sees_heading(page, "Мои карты")
    async with asyncio.timeout(20):
        while not await page.get_by_text("Страховой полис", exact=True).count():
            await asyncio.sleep(0.3)
            await page.goto("/cards")
    await expect(page.get_by_role("heading", name=person.full_name, exact=True)).to_have_count(1)


async def code_on_the_phone(stack: Stack, person: Citizen) -> str:
    """The newest code sent to the person."""
    messages: list[dict[str, Any]] = httpx.get(f"{stack.esia_url}/phone.json").json()
    mine = [message for message in messages if message["login"] == person.login]
    return str(max(mine, key=lambda message: message["sent_at"])["code"])


def _beginning(text: str) -> re.Pattern[str]:
    return re.compile(r"^\s*" + re.escape(text))
