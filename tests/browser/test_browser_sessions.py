"""Sessions: one that is over loses nothing of a form, another person's changes nothing, and «Нет» stops everything."""

from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import (
    agree,
    button,
    choose_region,
    field,
    link,
    pass_esia,
    sees,
    sees_heading,
    sees_own_card,
)
from tests.journeys.newcomers import newcomer


async def sign_out_in_another_tab(page: Page) -> None:
    other = await page.context.new_page()
    await other.goto("/help")
    banner = other.get_by_role("banner")
    await banner.locator("summary").click()
    await banner.get_by_role("button", name="выход", exact=True).click()
    await sees(other, "Вы вышли из личного кабинета")
    await other.close()


async def test_when_the_session_is_over_signing_in_brings_the_form_back(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/settings")
    await field(page, "Имя").fill("Машенька")
    await field(page, "Пароль").fill("NeverKept1")
    await sign_out_in_another_tab(page)
    await button(page, "Сохранить").click()
    await sees(page, "Сеанс закончился. Войдите ещё раз — то, что вы заполняли, сохранено.")
    await button(page, "Войти через Госуслуги").click()
    await pass_esia(page, portal, person)
    await sees(page, "Мы сохранили то, что вы вводили")
    await expect(field(page, "Имя")).to_have_value("Машенька")
    await expect(field(page, "Пароль")).to_have_value("")
    await button(page, "Сохранить").click()
    await sees(page, "Изменения сохранены")


async def test_a_card_being_filled_in_comes_back_after_signing_in(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/cards/new")
    await page.get_by_role("radio", name="Сын или дочь").check()
    await field(page, "Фамилия").fill("Ёжиков")
    await sign_out_in_another_tab(page)
    await button(page, "Добавить карту").click()
    await button(page, "Войти через Госуслуги").click()
    await pass_esia(page, portal, person)
    await expect(field(page, "Фамилия")).to_have_value("Ёжиков")
    await expect(page.get_by_role("radio", name="Сын или дочь")).to_be_checked()


async def test_what_one_person_typed_is_never_shown_to_another(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/settings")
    await field(page, "Имя").fill("Машенька")
    await sign_out_in_another_tab(page)
    await button(page, "Сохранить").click()
    await button(page, "Войти через Госуслуги").click()
    other = newcomer(portal)
    await browsers.sign_in(page, other)
    await page.goto("/settings")
    await expect(field(page, "Имя")).to_have_value(other.esia["person"]["firstName"])


async def test_after_another_person_has_signed_in_the_stale_tabs_form_is_refused(
    portal: Stack, browsers: Browsers
) -> None:
    other = newcomer(portal)
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/settings")
    await field(page, "Имя").fill("Машенька")
    await browsers.sign_in(page, other)
    await button(page, "Сохранить").click()
    await sees(page, "В этом браузере вошёл другой человек, поэтому мы ничего не изменили")
    await page.goto("/settings")
    await expect(field(page, "Имя")).to_have_value(other.esia["person"]["firstName"])


async def test_signing_out_asks_the_next_person_at_this_computer_who_they_are(
    portal: Stack, browsers: Browsers
) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await choose_region(page)
    await agree(page)
    await button(page, "госуслуги").click()
    await pass_esia(page, portal, person)
    await sees_own_card(page, person)
    await sign_out_in_another_tab(page)
    await page.reload()
    await sees_heading(page, "Вход")
    await page.go_back()
    await expect(page.get_by_text(person.full_name)).to_have_count(0)
    await page.goto("/sign-in")
    await button(page, "Войти через Госуслуги").click()
    await expect(field(page, "Телефон / Email / СНИЛС")).to_be_visible()


async def test_refusing_the_consent_stops_the_registration_with_a_word(browsers: Browsers) -> None:
    page = await browsers.open()
    for way_out in ("Нет, я отказываюсь", "Закрыть и отказаться"):
        await choose_region(page)
        await link(page, "Зарегистрироваться").click()
        await button(page, way_out).click()
        await sees_heading(page, "Медицина-онлайн Ставропольский край")
        await expect(page.get_by_role("status")).to_have_text("Регистрация остановлена. Мы ничего не сохранили.")


async def test_refusing_in_another_tab_ends_the_registration_in_this_one(browsers: Browsers) -> None:
    page = await browsers.open()
    await choose_region(page)
    await agree(page)
    other = await page.context.new_page()
    await other.goto("/registration/consent")
    await button(other, "Нет, я отказываюсь").click()
    await sees(other, "Регистрация остановлена")
    await button(page, "госуслуги").click()
    await sees(page, "Время на регистрацию истекло")
    await sees_heading(page, "Согласие на обработку персональных данных")
