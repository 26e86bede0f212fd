"""«Мои карты» by hand: «указать», a relative's card, and one's own card deleted and brought back."""

import re

from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import button, field, link, sees, sees_heading, sees_own_card
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer

CHILD = {
    "Фамилия": "О’Нил-Ёлкина",
    "Имя": "Анна-Мария",
    "Дата рождения": "07.06.2019",
    "СНИЛС": "134-940-005 39",
    "Страховой полис": "7700000000000008",  # the one in the manual's picture is its person's own
}
CHILDS_CARD = "О’НИЛ-ЁЛКИНА АННА-МАРИЯ"


async def add_child(page: Page) -> None:
    await page.goto("/cards")
    await link(page, "Щелкните здесь, чтобы добавить еще одну карту").click()
    await page.get_by_role("radio", name="Сын или дочь").check()
    await page.get_by_role("radio", name="женский").check()
    for label, typed in CHILD.items():
        await field(page, label).fill(typed)
    await button(page, "Добавить карту").click()
    await sees(page, "Карта добавлена")


async def unfold(page: Page, card: str) -> None:
    """Open the card in the list, unless it is open."""
    shown = page.get_by_role("group").filter(has=page.get_by_role("heading", name=card, exact=True))
    if await shown.get_attribute("open") is None:
        await page.get_by_role("heading", name=card, exact=True).click()


async def is_told(page: Page, notice: str, then: str = "") -> None:
    """The notice has the focus, so that it is read out, and leads the title."""
    told = page.get_by_role("status").filter(has_text=notice)
    await expect(told).to_have_text(notice + then)
    await expect(told).to_be_focused()
    await expect(page).to_have_title(f"{notice} Мои карты — Медицина-онлайн")


async def test_the_missing_passport_and_snils_are_filled_in_by_ukazat(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal, like=THE_MANUALS_PERSON))
    await page.goto("/cards")
    await link(page, "указать — СНИЛС").click()
    await expect(field(page, "СНИЛС")).to_be_focused()
    await field(page, "СНИЛС").fill("134-940-005 39")
    await button(page, "Сохранить").click()
    await sees(page, "134-940-005 39 указано вами")
    await link(page, "указать — Паспорт РФ").click()
    await expect(field(page, "Номер")).to_be_focused()
    await field(page, "Серия").fill("0711")
    await field(page, "Номер").fill("123456")
    await button(page, "Сохранить").click()
    await sees(page, "Изменения в карте сохранены")
    await sees(page, "0711 123456 указано вами")
    await expect(page.get_by_role("link", name="указать")).to_have_count(0)


async def test_a_relatives_card_is_added_corrected_deleted_and_restored(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await add_child(page)
    await unfold(page, CHILDS_CARD)
    await link(page, "указать — Документ, удостоверяющий личность").click()
    await expect(page.get_by_role("radiogroup", name="Вид документа")).to_be_focused()
    await expect(page.get_by_role("radio", name="как на Госуслугах")).to_have_count(0)
    await expect(field(page, "Фамилия")).to_have_value(CHILD["Фамилия"])
    await field(page, "Отчество").fill("Львовна")
    await button(page, "Сохранить").click()
    corrected = f"{CHILDS_CARD} ЛЬВОВНА"
    await is_told(page, "Изменения в карте сохранены.", then=f" К карте: {corrected}")
    await unfold(page, corrected)
    await link(page, f"Удалить карту: {corrected}").click()
    await sees_heading(page, "Удалить карту?")
    await link(page, "Не удалять").click()
    await unfold(page, corrected)
    await link(page, f"Удалить карту: {corrected}").click()
    await button(page, "Удалить карту").click()
    await is_told(page, "Карта удалена.")
    await expect(page.get_by_role("heading", name=corrected, exact=True)).to_have_count(0)
    await button(page, f"Восстановить карту — {corrected}").click()
    await sees(page, "Карта восстановлена")
    await expect(page.get_by_role("heading", name=corrected, exact=True)).to_have_count(1)
    await unfold(page, corrected)
    await link(page, f"История изменений карты: {corrected}").click()
    for happened in ("Вы добавили карту", "Вы изменили карту", "Вы удалили карту", "Вы восстановили карту"):
        await sees(page, happened)


async def test_ones_own_deleted_card_stays_away_until_restored(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/cards")
    await link(page, f"Удалить карту: {person.full_name}").click()
    await button(page, "Удалить карту").click()
    await sees(page, "Сейчас у вас нет ни одной карты")
    await page.get_by_role("link", name="Вызвать врача на дом").click()
    await sees_heading(page, "Нужна карта пациента")
    await link(page, "Мои карты").click()
    await button(page, f"Восстановить карту — {person.full_name}").click()
    await sees(page, "Карта восстановлена")
    await sees_own_card(page, person)


async def test_ones_own_deleted_card_is_made_anew_without_what_was_stated(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal, like=THE_MANUALS_PERSON)
    page = await browsers.open_for(person)
    await page.goto("/cards")
    await link(page, "указать — СНИЛС").click()
    await field(page, "СНИЛС").fill("134-940-005 39")
    await button(page, "Сохранить").click()
    await sees(page, "134-940-005 39")
    await link(page, f"Удалить карту: {person.full_name}").click()
    await button(page, "Удалить карту").click()
    await button(page, f"Создать заново — {person.full_name}").click()
    await sees(page, "Карта создана заново по данным Госуслуг")
    await expect(link(page, "указать — СНИЛС")).to_be_visible()


async def test_wrong_input_on_a_card_is_told_beside_each_field_and_kept(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/cards/new")
    typed = {"Фамилия": "Ив4нов", "Дата рождения": "31.02.2020", "СНИЛС": "134-940-005 38", "Страховой полис": "123"}
    for label, text in typed.items():
        await field(page, label).fill(text)
    await button(page, "Добавить карту").click()
    await expect(page.get_by_role("alert")).to_contain_text("Проверьте, что введено")
    await expect(page).to_have_title("Ошибка: Новая карта — Медицина-онлайн")
    for label, text in typed.items():
        await expect(field(page, label)).to_have_value(text)
        await expect(field(page, label)).to_have_attribute("aria-invalid", "true")
        await expect(field(page, label)).to_have_accessible_description(re.compile("Ошибка: "))
    await page.get_by_role("alert").get_by_role("link").first.click()
    await expect(page.locator(":focus")).to_be_visible()


async def test_a_card_changed_in_another_tab_is_not_overwritten_unseen(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal, like=THE_MANUALS_PERSON))
    await page.goto("/cards")
    other = await page.context.new_page()
    await other.goto("/cards")
    for tab in (page, other):
        await link(tab, "указать — СНИЛС").click()
    for tab, number in ((page, "134-940-005 39"), (other, "112-233-445 95")):
        await field(tab, "СНИЛС").fill(number)
        await button(tab, "Сохранить").click()
        await tab.wait_for_load_state()
    await sees(other, "Карта изменилась, пока вы её заполняли")
    await expect(field(other, "СНИЛС")).to_have_value("112-233-445 95")
