"""The main journey with the keyboard alone: everything is reached by Tab, seen to be reached, and works."""

from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import code_on_the_phone, sees, sees_heading, sees_own_card
from tests.journeys.newcomers import newcomer

MOST_TABS = 60
FOCUSED = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused);
    const name = focused.labels?.length ? focused.labels[0].innerText : focused.innerText;
    return [name.trim(), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0];
}"""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus, and see that it has."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        focused, outlined = await page.evaluate(FOCUSED)
        if focused == name:
            assert outlined, f"«{name}» has the focus and does not show it"
            return
    raise AssertionError(f"«{name}» is not reached by Tab on {page.url}")


async def press(page: Page, name: str) -> None:
    await tab_to(page, name)
    await page.keyboard.press("Enter")


async def type_into(page: Page, label: str, text: str) -> None:
    await tab_to(page, label)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def test_the_main_journey_needs_the_keyboard_alone(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open()
    await page.goto("/regions")
    await press(page, "Ставропольский край")
    await sees_heading(page, "Медицина-онлайн Ставропольский край")
    await press(page, "Зарегистрироваться")
    await sees_heading(page, "Согласие")
    await press(page, "Да, я согласен")
    await sees_heading(page, "Регистрация на портале")
    await press(page, "госуслуги")
    await sees_heading(page, "Вход")
    await type_into(page, "Телефон / Email / СНИЛС", person.login)
    await type_into(page, "Пароль", person.password)
    await press(page, "Войти")
    await sees_heading(page, "Подтвердите вход")
    await type_into(page, "Код подтверждения", await code_on_the_phone(portal, person))
    await page.keyboard.press("Enter")
    await sees_own_card(page, person)
    await press(page, "Мария С.")
    await press(page, "настройки")
    await sees_heading(page, "Настройки")
    await type_into(page, "Пароль", "Keyboard2026")
    await type_into(page, "Повторите пароль", "Keyboard2026")
    await press(page, "Сохранить")
    await sees(page, "Изменения сохранены")
    await press(page, "Мария С.")
    await press(page, "выход")
    await sees(page, "Вы вышли из личного кабинета")


async def test_the_first_tab_leads_past_the_header_to_the_content(browsers: Browsers) -> None:
    page = await browsers.open()
    await page.goto("/regions/RU-STA")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Перейти к содержанию")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await press(page, "Зарегистрироваться")
    await sees_heading(page, "Согласие")


async def test_escape_closes_the_menu_and_an_error_takes_the_focus(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/settings")
    await press(page, "Мария С.")
    item = page.get_by_role("link", name="настройки")
    await expect(item).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(item).to_be_hidden()
    await type_into(page, "Имя", "4")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Имя", exact=True)).to_be_focused()
