"""When Gosuslugi refuses, fails or is left: back at the portal with a clear word and a way on."""

import httpx
import pytest
from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import (
    agree,
    begin_sign_in,
    button,
    choose_region,
    field,
    link,
    pass_esia,
    sees,
    sees_heading,
    sees_own_card,
    type_esia_code,
    type_esia_password,
)
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import citizen

SILENT = "Госуслуги сейчас не отвечают"
BURNT = "Войдите ещё раз"  # the code was exchanged before the failure and cannot be a second time


async def begin_registration(page: Page) -> None:
    await choose_region(page)
    await agree(page)
    await button(page, "госуслуги").click()


@pytest.mark.parametrize(
    ("at", "kind", "heading", "reloaded"),
    [
        ("token", "down", SILENT, SILENT),
        ("token", "garbage", SILENT, SILENT),
        ("person", "down", SILENT, BURNT),
        ("documents", "garbage", SILENT, BURNT),
        ("contacts", "down", SILENT, BURNT),
    ],
)
async def test_when_gosuslugi_fails_a_page_says_so_and_a_new_try_succeeds(
    portal: Stack, browsers: Browsers, at: str, kind: str, heading: str, reloaded: str
) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await begin_registration(page)
    await type_esia_password(page, person)
    faults = f"{portal.esia_url}/stand-in/faults"
    try:
        httpx.post(faults, json={"at": at, "kind": kind, "times": 1000}).raise_for_status()
        await type_esia_code(page, portal, person)
        await sees_heading(page, heading)
        await sees(page, "Ничего не сохранено")
        await page.reload()
        await sees_heading(page, reloaded)
    finally:
        httpx.delete(faults).raise_for_status()
    await link(page, "Зарегистрироваться").click()
    await button(page, "Да, я согласен").click()
    await button(page, "госуслуги").click()
    await sees_own_card(page, person)


async def test_who_turns_back_at_gosuslugi_is_told_that_nothing_was_kept(browsers: Browsers) -> None:
    page = await browsers.open()
    await begin_registration(page)
    await link(page, "Отмена").click()
    await sees_heading(page, "Вход через Госуслуги отменён")
    await sees(page, "Ничего не сохранено")
    await expect(page.get_by_role("main").get_by_role("link").first).to_have_text("Зарегистрироваться")
    await page.reload()
    await sees_heading(page, "Вход через Госуслуги отменён")
    await link(page, "Войти").click()
    await sees_heading(page, "Вход")


@pytest.mark.parametrize(
    ("note", "heading", "said"),
    [
        ("Учётная запись не подтверждена", "Учётная запись Госуслуг не подтверждена", "МФЦ"),
        ("Ребёнок", "Регистрация с этого возраста недоступна", "карту ребёнка добавляет родитель"),
        ("Вошёл от имени организации", "Войдите как частное лицо", "от имени организации"),
    ],
)
async def test_who_may_not_register_is_told_why_and_can_leave_gosuslugi(
    portal: Stack, browsers: Browsers, note: str, heading: str, said: str
) -> None:
    page = await browsers.open()
    await begin_registration(page)
    await pass_esia(page, portal, citizen(portal, note))
    await sees_heading(page, heading)
    await sees(page, said)
    await button(page, "Выйти из Госуслуг").click()
    await sees_heading(page, "Медицина-онлайн Ставропольский край")
    await begin_sign_in(page)
    await expect(field(page, "Телефон / Email / СНИЛС")).to_be_visible()


async def test_signing_in_without_being_registered_offers_registration(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await choose_region(page)
    await begin_sign_in(page)
    await pass_esia(page, portal, person)
    await sees_heading(page, "Вы ещё не зарегистрированы")
    await link(page, "Зарегистрироваться").click()
    await button(page, "Да, я согласен").click()
    await button(page, "госуслуги").click()
    await sees_own_card(page, person)


async def test_the_way_back_opened_in_another_browser_sends_the_person_to_the_first(
    portal: Stack, browsers: Browsers
) -> None:
    page, other = await browsers.open(), await browsers.open()
    await begin_registration(page)
    person = newcomer(portal)
    await type_esia_password(page, person)
    async with page.expect_request("**/esia/callback**") as sent:
        await type_esia_code(page, portal, person)
    callback = (await sent.value).url
    await sees_own_card(page, person)
    await other.goto(callback)
    await sees_heading(other, "Вернитесь в браузер, где начали")
    await page.goto(callback)
    await sees_own_card(page, person)


@pytest.mark.parametrize(("way", "finish"), [("QR-код", "Отсканировать"), ("Эл. подпись", "Подписать и войти")])
async def test_signing_in_another_way_needs_no_code(portal: Stack, browsers: Browsers, way: str, finish: str) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await begin_registration(page)
    await link(page, way).click()
    await button(page, finish).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    chosen = page.get_by_role("radio", name=person.full_name.title()).last
    await chosen.check()
    await button(page, finish).click()
    await sees_own_card(page, person)


async def test_a_wrong_password_and_a_wrong_code_are_told_beside_their_fields(
    portal: Stack, browsers: Browsers
) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await begin_sign_in(page)
    await field(page, "Телефон / Email / СНИЛС").fill(person.login)
    await field(page, "Пароль").fill("wrong")
    await button(page, "Войти").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(field(page, "Телефон / Email / СНИЛС")).to_have_value(person.login)
    await type_esia_password(page, person)
    await field(page, "Код подтверждения").fill("12")
    await button(page, "Подтвердить").click()
    await expect(field(page, "Код подтверждения")).to_have_attribute("aria-invalid", "true")
    await button(page, "Отправить код повторно").click()
    await sees(page, "Отправили новый код")
