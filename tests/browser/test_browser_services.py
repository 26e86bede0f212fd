"""The region's services and the region itself, as the header offers them."""

import re

from playwright.async_api import expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import choose_region, in_header, link, sees, sees_heading, sees_own_card
from tests.browser.test_browser_cards import CHILDS_CARD, add_child, unfold
from tests.journeys.newcomers import newcomer

CONFIGURED, UNCONFIGURED = "Ставропольский край", "Москва"
IN_THE_HEADER = ("Вызвать врача на дом", "Запись на диспансеризацию")
ON_THE_CARD = ("Записать на прием", "Онлайн-консультация врача")
THE_CARDS_ADDRESS = re.compile(r"/demo-services/[a-z-]+\?card_id=[0-9a-f-]{36}$")


async def test_with_one_card_every_service_opens_at_once_with_its_id(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    for name in IN_THE_HEADER:
        await page.goto("/cards")
        await in_header(page, name).click()
        await sees_heading(page, name)
        await expect(page).to_have_url(THE_CARDS_ADDRESS)
    for name in ON_THE_CARD:
        await page.goto("/cards")
        await link(page, name).click()
        await sees_heading(page, name)
        await expect(page).to_have_url(THE_CARDS_ADDRESS)


async def test_with_several_cards_the_header_asks_for_whom(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await add_child(page)
    await in_header(page, "Запись на диспансеризацию").click()
    await sees_heading(page, "Для кого?")
    await expect(link(page, f"{person.full_name} Ваша карта")).to_be_visible()
    await link(page, f"{CHILDS_CARD} Сын или дочь").click()
    await expect(page).to_have_url(THE_CARDS_ADDRESS)
    asked_for = page.url.rpartition("=")[2]
    await page.goto("/cards")
    await unfold(page, CHILDS_CARD)
    await link(page, f"Редактировать карту: {CHILDS_CARD}").click()
    assert asked_for in page.url


async def test_where_a_region_has_no_such_service_a_page_says_so(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/regions")
    await link(page, UNCONFIGURED).click()
    await sees_heading(page, f"Медицина-онлайн {UNCONFIGURED}")
    for name in (*IN_THE_HEADER, *ON_THE_CARD):
        await page.goto("/cards")
        await page.get_by_role("link", name=name, exact=True).click()
        await sees_heading(page, name)
        await sees(page, f"{UNCONFIGURED} пока не оказывает эту услугу через портал")


async def test_another_region_changes_the_header_and_the_services_and_nothing_else(
    portal: Stack, browsers: Browsers
) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/cards")
    card = await page.get_by_role("main").inner_text()
    await in_header(page, "Регион").click()
    await link(page, "Краснодарский край").click()
    await sees_heading(page, "Медицина-онлайн Краснодарский край")
    await link(page, "Мои карты").click()
    await sees_own_card(page, person)
    assert await page.get_by_role("main").inner_text() == card
    await expect(in_header(page, "Медицина-онлайн Краснодарский край")).to_be_visible()
    await page.goto("/")
    await sees_heading(page, "Медицина-онлайн Краснодарский край")


async def test_the_chosen_region_is_remembered_and_can_be_changed(browsers: Browsers) -> None:
    page = await browsers.open()
    await page.goto("/")
    await sees_heading(page, "Выберите регион")
    await choose_region(page, UNCONFIGURED)
    await page.goto("/")
    await sees_heading(page, f"Медицина-онлайн {UNCONFIGURED}")
    await in_header(page, "Регион").click()
    await link(page, CONFIGURED).click()
    await expect(in_header(page, f"Медицина-онлайн {CONFIGURED}")).to_be_visible()


async def test_a_region_that_is_unknown_or_closed_has_a_clear_page(browsers: Browsers) -> None:
    page = await browsers.open()
    await page.goto("/regions/RU-SPE")
    await sees_heading(page, "Регион пока не подключён")
    await sees(page, "Санкт-Петербург")
    await page.goto("/regions/RU-XYZ")
    await sees(page, "Такого региона нет")
