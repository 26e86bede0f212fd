"""The settings form: what is wrong stands beside its field, what was typed stays, and a password never does."""

from playwright.async_api import expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import button, field, sees, sees_that_others_have_ended, set_password, sign_in_by_password
from tests.journeys.newcomers import newcomer

PASSWORDS = ("Пароль", "Повторите пароль")
WRONG = (
    ("Телефон", "12", "Введите номер телефона полностью"),
    ("Электронная почта", "не почта", "почт"),
    ("Фамилия", "", "Фамилия"),
    ("Имя", "Им4", "Имя"),
    ("Пароль", "короч", "только буквы латинского алфавита и цифры"),
    ("Пароль", "Ab1", "6 символов"),
    ("Пароль", "qwerty", "идут подряд"),
    ("Пароль", "iloveyou", "распространённых"),
)


async def test_wrong_input_is_told_beside_its_field_and_all_else_is_kept(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    for label, typed, said in WRONG:
        await page.goto("/settings")
        kept = {"Имя": "Машенька", label: typed}
        for name, text in kept.items():
            await field(page, name).fill(text)
        if label == "Пароль":
            await field(page, "Повторите пароль").fill(typed)
        await button(page, "Сохранить").click()
        await expect(page.get_by_role("alert")).to_contain_text(said)
        await expect(page).to_have_title("Ошибка: Настройки — Медицина-онлайн")
        await expect(field(page, label)).to_have_attribute("aria-invalid", "true")
        for name, text in (kept | dict.fromkeys(PASSWORDS, "")).items():
            await expect(field(page, name)).to_have_value(text)
        await page.get_by_role("alert").get_by_role("link").click()
        await expect(field(page, label)).to_be_focused()


async def test_two_different_passwords_are_told_beside_the_second(portal: Stack, browsers: Browsers) -> None:
    page = await browsers.open_for(newcomer(portal))
    await page.goto("/settings")
    await field(page, "Пароль").fill("OnePassword1")
    await field(page, "Повторите пароль").fill("AnotherOne2")
    await button(page, "Сохранить").click()
    await sees(page, "Пароли не совпадают")
    await expect(field(page, "Повторите пароль")).to_have_attribute("aria-invalid", "true")


async def test_ones_own_login_is_no_password(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/settings")
    await set_password(page, "8902" + person.login[7:])
    await sees(page, "Пароль совпадает с вашим логином")


async def test_the_name_changes_how_the_portal_addresses_the_person_and_not_the_card(
    portal: Stack, browsers: Browsers
) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/settings")
    await field(page, "Имя").fill("Маша")
    await button(page, "Сохранить").click()
    await sees(page, "Изменения сохранены")
    await expect(page.get_by_role("banner").get_by_text("Маша С.", exact=True)).to_be_visible()
    await page.goto("/cards")
    await expect(page.get_by_role("heading", name=person.full_name, exact=True)).to_be_visible()


async def test_empty_password_fields_leave_the_password_alone(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    page = await browsers.open_for(person)
    await page.goto("/settings")
    await set_password(page, "StaysAsIs1")
    await sees_that_others_have_ended(page)
    await field(page, "Имя").fill("Маша")
    await button(page, "Сохранить").click()
    await expect(field(page, "Имя")).to_have_value("Маша")
    await sees(page, "Изменения сохранены")
    other = await browsers.open()
    await sign_in_by_password(other, person.login, "StaysAsIs1")
    await expect(other.get_by_role("heading", name=person.full_name, exact=True)).to_be_visible()


async def test_signed_in_by_password_the_old_one_is_asked_for_a_new_one(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    home = await browsers.open_for(person)
    await home.goto("/settings")
    await set_password(home, "OldHedgehog7")
    await sees(home, "Изменения сохранены")
    page = await browsers.open()
    await sign_in_by_password(page, person.login, "OldHedgehog7")
    await page.wait_for_url("**/cards")
    await page.goto("/settings")
    await field(page, "Текущий пароль").fill("NotHedgehog9")
    await set_password(page, "NewHedgehog8")
    await sees(page, "Неверный текущий пароль")
    for label in ("Текущий пароль", *PASSWORDS):
        await expect(field(page, label)).to_have_value("")
    await field(page, "Текущий пароль").fill("OldHedgehog7")
    await set_password(page, "NewHedgehog8")
    await sees(page, "Изменения сохранены")


async def test_the_sign_in_form_keeps_the_login_and_never_the_password(browsers: Browsers) -> None:
    page = await browsers.open()
    await page.goto("/sign-in")
    await button(page, "Войти").click()
    await expect(field(page, "Логин")).to_have_accessible_description(
        "Телефон, e-mail или СНИЛС Ошибка: Заполните это поле"
    )
    await sign_in_by_password(page, "+7 (999) 555-00-01", "Whatever1")
    await sees(page, "Неверный логин или пароль")
    await expect(field(page, "Логин")).to_have_value("+7 (999) 555-00-01")
    await expect(field(page, "Пароль")).to_have_value("")
