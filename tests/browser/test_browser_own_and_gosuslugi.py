"""What the holder stated and what Gosuslugi says: its word taken, and a card of oneself joined when it brings a number.

Wherever something new is to be seen, axe-core finds nothing wrong with it and 320 px are wide enough.
"""

import json

from playwright.async_api import expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.family import AGREED, a_family, edit, fill_in, typed
from tests.browser.soundness import is_sound
from tests.browser.steps import button, field, link, sees, sees_heading
from tests.browser.test_browser_cards import unfold
from tests.journeys.steps import Citizen

MY_SNILS = "134-940-005 39"


def gosuslugi_hands_over(portal: Stack, person: Citizen, **changes: str) -> None:
    """From the next sign-in on."""
    people = json.loads(portal.people.read_text())
    (entry,) = [entry for entry in people if entry["oid"] == person.esia["oid"]]
    entry["person"] |= changes
    portal.people.write_text(json.dumps(people, ensure_ascii=False))


async def test_where_ones_own_word_differs_gosuslugis_can_be_taken(portal: Stack, browsers: Browsers) -> None:
    page, person = await a_family(portal, browsers)
    await edit(page, person.full_name)
    await field(page, "Фамилия").fill("Другая")
    await field(page, "Телефон").fill("+7 (900) 000-00-02")
    await button(page, "Сохранить").click()
    await sees(page, "Другая указано вами")
    await sees(page, "отличается от данных Госуслуг. Проверьте, что верно")
    await is_sound(page)
    await button(page, "взять из Госуслуг — Фамилия").click()
    await sees(page, "Теперь в карте данные Госуслуг")
    await expect(page.get_by_text("Другая")).to_have_count(0)
    await sees(page, "+7 (900) 000-00-02")


async def test_a_card_of_oneself_is_joined_once_gosuslugi_brings_its_number(portal: Stack, browsers: Browsers) -> None:
    page, person = await a_family(portal, browsers)
    mine = typed("Я САМА", "01.01.1990", СНИЛС=MY_SNILS, Серия="0711", Номер="123456")
    await fill_in(page, "Другой родственник (например, внук или внучка)", "женский", mine, AGREED)
    await page.get_by_role("radio", name="Паспорт РФ", exact=True).check()
    await button(page, "Добавить карту").click()
    await sees(page, "Карта добавлена")
    gosuslugi_hands_over(portal, person, snils=MY_SNILS)
    await browsers.sign_in(page, person)
    await page.goto("/cards")
    await sees(page, "Ваш номер указан и в другой карте (СНИЛС)")
    await is_sound(page)
    await link(page, "Объединить карты — Я САМА").first.click()
    await sees_heading(page, "Объединить карты?")
    await expect(link(page, "исправьте в ней номер")).to_be_visible()
    await is_sound(page)
    await button(page, "Объединить карты").click()
    await sees(page, "Карты объединены")
    await expect(page.get_by_role("heading", name="Я САМА", exact=True)).to_have_count(0)
    await unfold(page, person.full_name)
    await sees(page, "0711 123456 указано вами")
    await expect(button(page, "Восстановить карту — Я САМА")).to_be_visible()
    await is_sound(page)
