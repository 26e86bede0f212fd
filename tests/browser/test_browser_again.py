"""Refresh, Back and a double click at every step: one effect, and the person can always go on."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import (
    agree,
    arrive,
    begin_sign_in,
    button,
    choose_region,
    code_on_the_phone,
    field,
    link,
    sees,
    sees_heading,
    sees_own_card,
    set_password,
    sign_in_by_password,
    type_esia_code,
    type_esia_password,
)
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen

Step = Callable[[], Awaitable[object]]


def steps_of_registration(page: Page, portal: Stack, person: Citizen) -> list[Step]:
    """From the start page to «Мои карты» and a password; between any two of them the person may hesitate."""

    async def come_back() -> None:
        await type_esia_code(page, portal, person)
        await sees_own_card(page, person)

    async def save() -> None:
        await set_password(page, "Hesitant1")
        await sees(page, "Изменения сохранены")

    return [
        lambda: choose_region(page),
        lambda: arrive(page, link(page, "Зарегистрироваться"), "Согласие на обработку персональных данных"),
        lambda: arrive(page, button(page, "Да, я согласен"), "Регистрация на портале"),
        lambda: arrive(page, button(page, "госуслуги"), "Вход"),
        lambda: type_esia_password(page, person),
        come_back,
        lambda: page.goto("/settings"),
        save,
    ]


async def test_refreshing_the_page_at_every_step_changes_nothing(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    for step in steps_of_registration(page, portal, person):
        await step()
        await page.reload()
    await sees(page, "Изменения сохранены")


async def test_going_back_and_forth_at_every_step_changes_nothing(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await page.goto("/help")
    for step in steps_of_registration(page, portal, person):
        await step()
        await page.go_back()
        await page.go_forward()
    await sees(page, "Изменения сохранены")


async def test_going_back_after_registration_leads_to_my_cards(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    for step in steps_of_registration(page, portal, person)[:6]:
        await step()
    for way in ("/registration/consent", "/registration", "/registration/esia", "/sign-in", "/esia/callback"):
        await page.goto(way)
        await sees_heading(page, "Мои карты")
    await page.go_back()
    await sees_heading(page, "Мои карты")


async def test_the_consent_left_open_leads_to_my_cards_once_signed_in(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open()
    await choose_region(page)
    await link(page, "Зарегистрироваться").click()
    await browsers.sign_in(page, newcomer(portal))
    await button(page, "Да, я согласен").click()
    await sees_heading(page, "Мои карты")


async def test_a_double_click_at_every_step_has_one_effect(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await choose_region(page)
    await link(page, "Зарегистрироваться").dblclick()
    await button(page, "Да, я согласен").dblclick()
    await button(page, "госуслуги").dblclick()
    await field(page, "Телефон / Email / СНИЛС").fill(person.login)
    await field(page, "Пароль").fill(person.password)
    await button(page, "Войти").dblclick()
    await sees_heading(page, "Подтвердите вход")
    await page.wait_for_load_state()
    await field(page, "Код подтверждения").fill(await code_on_the_phone(portal, person))
    await button(page, "Подтвердить").dblclick()
    await sees_own_card(page, person)
    await page.goto("/settings")
    await field(page, "Пароль").fill("Twice2026")
    await field(page, "Повторите пароль").fill("Twice2026")
    await button(page, "Сохранить").dblclick()
    await sees(page, "Изменения сохранены")
    stranger = await browsers.open()
    await sign_in_by_password(stranger, person.login, "Twice2026")
    await sees_own_card(stranger, person)


async def test_a_double_click_adds_one_card_and_removes_one(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/cards/new")
    await page.get_by_role("radio", name="Сын или дочь").check()
    for label, typed in {"Фамилия": "Соколова", "Имя": "Анна", "Дата рождения": "01.02.2020"}.items():
        await field(page, label).fill(typed)
    await page.get_by_role("radio", name="женский").check()
    await button(page, "Добавить карту").dblclick()
    await sees(page, "Карта добавлена")
    heading = page.get_by_role("heading", name="СОКОЛОВА АННА", exact=True)
    await page.goto("/cards")
    await expect(heading).to_have_count(1)
    await heading.click()
    await link(page, "Удалить карту: СОКОЛОВА АННА").click()
    await button(page, "Удалить карту").dblclick()
    await sees_heading(page, "Мои карты")
    await page.goto("/cards")
    await expect(heading).to_have_count(0)
    await button(page, "Восстановить карту — СОКОЛОВА АННА").dblclick()
    await sees(page, "Карта восстановлена")
    await page.goto("/cards")
    await expect(heading).to_have_count(1)


async def test_a_step_skipped_by_its_address_leads_to_the_first_missing_one(browsers: Browsers) -> None:
    page = await browsers.open()
    await page.goto("/registration/consent")
    await sees_heading(page, "Выберите регион")
    await choose_region(page)
    for skipped in ("/registration", "/registration/esia", "/registration/refusal"):
        await page.goto(skipped)
        await sees_heading(page, "Согласие на обработку персональных данных")
    for personal in ("/cards", "/settings", "/cards/new", "/services/screening", "/consent", "/esia/callback"):
        await page.goto(personal)
        await sees_heading(page, "Вход")


async def test_two_tabs_keep_attempts_of_their_own(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await choose_region(page)
    await agree(page)
    other = await page.context.new_page()
    await begin_sign_in(other)
    await button(page, "госуслуги").click()
    await type_esia_password(page, person)
    await type_esia_code(page, portal, person)
    await sees_own_card(page, person)
    await other.reload()
    await type_esia_password(other, person)
    await type_esia_code(other, portal, person)
    await sees_own_card(other, person)
