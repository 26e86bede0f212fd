"""A family of five by hand: grounds, duplicates and conflicts are told, nothing is overwritten unseen, a card restored.

Wherever something new is to be seen, axe-core finds nothing wrong with it and 320 px are wide enough.
"""

import re

from playwright.async_api import expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.family import (
    AGREED,
    DAUGHTER,
    DAUGHTERS_SNILS,
    MOTHER,
    SON,
    SPOUSE,
    a_family,
    add,
    edit,
    fill_in,
    typed,
)
from tests.browser.soundness import is_sound
from tests.browser.steps import button, field, link, sees, sees_heading
from tests.browser.test_browser_cards import unfold
from tests.journeys.newcomers import newcomer

PHONE = "+7 (900) 000-00-01"
PHONE_BY_NOW = f"Сейчас в карте: {PHONE}."


async def test_five_cards_stand_side_by_side_the_grown_ups_with_the_ground(portal: Stack, browsers: Browsers) -> None:
    page, person = await a_family(portal, browsers)
    await page.goto("/cards")
    for card in (person.full_name, DAUGHTER, SON, MOTHER, SPOUSE):
        await expect(page.get_by_role("heading", name=card, exact=True)).to_have_count(1)
    await sees(page, "Чтобы открыть карту, нажмите на имя.")
    await unfold(page, MOTHER)
    await sees(page, AGREED)
    await is_sound(page)


async def test_a_grown_ups_card_without_a_ground_is_not_added(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await fill_in(page, "Мать или отец", "женский", typed(MOTHER, "08.03.1960"))
    await button(page, "Добавить карту").click()
    await link(page, "Этому человеку уже есть 18 лет: выберите, на каком основании вы ведёте карту").click()
    await expect(page.get_by_role("radiogroup", name="На каком основании вы ведёте карту")).to_be_focused()
    await is_sound(page)
    await page.get_by_role("radio", name=AGREED, exact=True).check()
    await button(page, "Добавить карту").click()
    await sees(page, "Карта добавлена")


async def test_a_number_that_another_card_has_is_refused_with_a_link_to_it(portal: Stack, browsers: Browsers) -> None:
    page, _ = await a_family(portal, browsers)
    await fill_in(page, "Сын или дочь", "женский", typed("ВЕТРОВА МАЯ", "01.01.2020", СНИЛС="112 233 445 95"))
    await button(page, "Добавить карту").click()
    await sees(page, "Этот СНИЛС уже указан в другой вашей карте")
    await expect(field(page, "СНИЛС")).to_have_value("112 233 445 95")
    await is_sound(page)
    async with page.context.expect_page() as opened:
        await link(page, "Открыть эту карту (в новой вкладке) — СНИЛС").click()
    await sees_heading(await opened.value, DAUGHTER)
    await field(page, "СНИЛС").fill("")
    await button(page, "Добавить карту").click()
    await sees(page, "Карта добавлена")


async def test_one_name_and_birth_date_on_two_cards_is_a_warning_until_a_number_tells_them_apart(
    portal: Stack, browsers: Browsers
) -> None:
    page, _ = await a_family(portal, browsers)
    await add(page, "Другой родственник (например, внук или внучка)", "женский", typed(MOTHER, "08.03.1960"), AGREED)
    await sees(page, "Такие же фамилия, имя, отчество и дата рождения указаны в другой карте")
    await is_sound(page)
    await expect(page.get_by_role("heading", name=MOTHER, exact=True)).to_have_count(2)
    await expect(page.get_by_text("Проверьте: похожа на другую карту")).to_have_count(2)
    for snils in ("134-940-005 39", "000-000-600 06"):
        await page.goto("/cards")
        unnumbered = page.get_by_role("group").filter(has_text=MOTHER).filter(has_text="СНИЛС указать")
        if await unnumbered.first.get_attribute("open") is None:
            await unnumbered.first.get_by_role("heading").click()
        await unnumbered.first.get_by_role("link", name=f"Редактировать карту: {MOTHER}").click()
        await field(page, "СНИЛС").fill(snils)
        await button(page, "Сохранить").click()
        await sees(page, "Изменения в карте сохранены")
    await expect(page.get_by_text("Такие же фамилия")).to_have_count(0)


async def test_of_two_tabs_with_one_card_the_later_is_shown_what_the_first_saved_and_keeps_what_was_typed(
    portal: Stack, browsers: Browsers
) -> None:
    page, _ = await a_family(portal, browsers)
    other = await page.context.new_page()
    for tab in (page, other):
        await edit(tab, SON)
    await field(page, "Телефон").fill(PHONE)
    await button(page, "Сохранить").click()
    await sees(page, "Изменения в карте сохранены")
    await field(other, "Страховая компания").fill("АО «Пример»")
    await button(other, "Сохранить").click()
    await sees(other, "Карта изменилась, пока вы её заполняли")
    await expect(field(other, "Страховая компания")).to_have_value("АО «Пример»")
    await expect(field(other, "Телефон")).to_have_value("")
    await expect(field(other, "Телефон")).to_have_accessible_description(re.compile(re.escape(PHONE_BY_NOW)))
    await is_sound(other)
    await link(other, f"Телефон. {PHONE_BY_NOW}").click()
    await expect(field(other, "Телефон")).to_be_focused()
    await field(other, "Телефон").fill(PHONE)
    await button(other, "Сохранить").click()
    await sees(other, "Изменения в карте сохранены")
    await unfold(other, SON)
    for told in (PHONE, "АО «Пример»"):
        await sees(other, told)


async def test_a_removed_card_says_until_when_it_can_be_restored_and_its_number_is_free(
    portal: Stack, browsers: Browsers
) -> None:
    page, _ = await a_family(portal, browsers)
    await unfold(page, DAUGHTER)
    await link(page, f"Удалить карту: {DAUGHTER}").click()
    await sees(page, "Восстановить её можно в течение 30 дней")
    await button(page, "Удалить карту").click()
    await sees(page, "Восстановить карту можно до ")
    await is_sound(page)
    again = "ВЕТРОВА МАЯ"
    await add(page, "Сын или дочь", "женский", typed(again, "01.01.2020", СНИЛС=DAUGHTERS_SNILS))
    await button(page, f"Восстановить карту — {DAUGHTER}").click()
    await sees_heading(page, "Восстановить карту не получилось")
    await is_sound(page)
    await link(page, "Открыть ту карту").click()
    await sees_heading(page, again)
    await link(page, f"Удалить карту: {again}").click()
    await button(page, "Удалить карту").click()
    await button(page, f"Восстановить карту — {DAUGHTER}").click()
    await sees(page, "Карта восстановлена")
    await expect(page.get_by_role("heading", name=DAUGHTER, exact=True)).to_have_count(1)
