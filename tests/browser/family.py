"""A family of five for the browser tests: the manual's person with four relatives, and what is done to their cards."""

from collections.abc import Mapping

from playwright.async_api import Page

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import button, field, link, sees
from tests.browser.test_browser_cards import unfold
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer
from tests.journeys.steps import Citizen

DAUGHTERS_SNILS, SONS_SNILS = "112-233-445 95", "914-561-751 11"
DAUGHTER, SON, MOTHER = "ВЕТРОВА ЯНА", "ВЕТРОВ ЛЕВ", "ВЕТРОВА НИНА"
SPOUSE = "ВЕТРОВ ГЛЕБ"
AGREED = "Согласие этого человека"


def typed(card: str, born: str, **more: str) -> dict[str, str]:
    family_name, given_name = card.title().split()
    return {"Фамилия": family_name, "Имя": given_name, "Дата рождения": born, **more}


async def fill_in(page: Page, relation: str, gender: str, fields: Mapping[str, str], ground: str = "") -> None:
    """The form of a new card, filled in and not sent yet."""
    await page.goto("/cards/new")
    for choice in filter(None, (relation, gender, ground)):
        await page.get_by_role("radio", name=choice, exact=True).check()
    for label, text in fields.items():
        await field(page, label).fill(text)


async def add(page: Page, relation: str, gender: str, fields: Mapping[str, str], ground: str = "") -> None:
    await fill_in(page, relation, gender, fields, ground)
    await button(page, "Добавить карту").click()
    await sees(page, "Карта добавлена")


async def edit(page: Page, card: str) -> None:
    await page.goto("/cards")
    await unfold(page, card)
    await link(page, f"Редактировать карту: {card}").click()


async def a_family(portal: Stack, browsers: Browsers) -> tuple[Page, Citizen]:
    """The manual's person with four relatives."""
    person = newcomer(portal, like=THE_MANUALS_PERSON)
    page = await browsers.open_for(person)
    daughters = {"СНИЛС": DAUGHTERS_SNILS, "Страховой полис": "7700000000000008"}
    await add(page, "Сын или дочь", "женский", typed(DAUGHTER, "07.06.2019", **daughters))
    await add(page, "Подопечный", "мужской", typed(SON, "01.02.2015", СНИЛС=SONS_SNILS))
    await add(page, "Мать или отец", "женский", typed(MOTHER, "08.03.1960"), AGREED)
    await add(page, "Супруг или супруга", "мужской", typed(SPOUSE, "02.02.1988"), "Доверенность")
    return page, person
