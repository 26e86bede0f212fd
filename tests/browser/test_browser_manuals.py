"""Both manuals, walked whole in a real browser, with script and without it."""

import pytest
from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import (
    BY_GOSUSLUGI,
    button,
    choose_region,
    field,
    in_header,
    link,
    open_settings,
    sees,
    sees_heading,
    sees_own_card,
    sees_that_others_have_ended,
    set_password,
    sign_in_by_password,
    type_esia_code,
    type_esia_password,
)
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer
from tests.journeys.steps import Citizen

MENU = "Имя Ф."
RULE = "Пароль может содержать заглавные и строчные буквы латинского алфавита и цифры. Минимальная длина - 6 символов."
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@with_and_without_script
async def test_the_manual_of_registration_is_walked_whole(portal: Stack, browsers: Browsers, script: bool) -> None:
    person = newcomer(portal, like=THE_MANUALS_PERSON)
    page = await browsers.open(script=script)
    await choose_region(page)
    await _read_consent_and_agree(page)
    await button(page, "госуслуги").click()
    await _look_around_the_login_page(page)
    await type_esia_password(page, person)
    await _look_around_the_code_page(page)
    await type_esia_code(page, portal, person)
    await sees_own_card(page, person)
    await _read_my_cards(page, person)
    await open_settings(page, MENU)
    await _read_settings(page, person)
    await set_password(page, "Manual2026")
    await sees(page, "Изменения сохранены")
    await _sign_out(page)
    await _sign_in_by_login_and_password(page, person, "Manual2026")


@with_and_without_script
async def test_the_manual_of_recovery_is_walked_whole(portal: Stack, browsers: Browsers, script: bool) -> None:
    person = newcomer(portal, like=THE_MANUALS_PERSON)
    home = await browsers.open_for(person)
    await home.goto("/settings")
    await set_password(home, "Forgotten1")
    await sees(home, "Изменения сохранены")

    page = await browsers.open(script=script)
    await choose_region(page)
    await link(page, "Войти").click()
    await expect(field(page, "Логин")).to_be_visible()
    await button(page, "Войти через Госуслуги").click()
    await _look_around_the_login_page(page)
    await type_esia_password(page, person)
    await _look_around_the_code_page(page)
    await type_esia_code(page, portal, person)
    await sees_own_card(page, person)
    await open_settings(page, MENU)
    await expect(field(page, "Текущий пароль")).to_have_count(0)
    await set_password(page, "Remembered2")
    await sees_that_others_have_ended(page)
    await home.reload()
    await sees_heading(home, "Вход")
    await sign_in_by_password(home, person.login, "Forgotten1")
    await sees(home, "Неверный логин или пароль")
    await sign_in_by_password(home, person.login, "Remembered2")
    await sees_own_card(home, person)


async def _read_consent_and_agree(page: Page) -> None:
    await link(page, "Зарегистрироваться").click()
    await sees_heading(page, "Согласие на обработку персональных данных")
    for said in ("Согласие на обработку ПДн.", "ООО «Медицина ИТ»", "ул. Доваторцев 49 «В», оф. 201", "год рождения"):
        await sees(page, said)
    await expect(button(page, "Нет, я отказываюсь")).to_be_visible()
    await expect(button(page, "Закрыть и отказаться")).to_be_visible()
    await button(page, "Да, я согласен").click()
    await sees_heading(page, "Регистрация на портале")
    await expect(link(page, BY_GOSUSLUGI)).to_be_visible()


async def _look_around_the_login_page(page: Page) -> None:
    """Figures 5 to 7."""
    await sees_heading(page, "Вход")
    for name in ("Восстановить", "QR-код", "Эл. подпись", "Отмена"):
        await expect(link(page, name)).to_be_visible()
    await link(page, "Не удаётся войти?").click()
    await sees_heading(page, "Не удаётся войти?")
    for said in ("без тире и пробелов", "Caps Lock", "центр обслуживания", "СНИЛС"):
        await sees(page, said)
    await expect(link(page, "восстановления пароля")).to_be_visible()
    await link(page, "обратиться в службу поддержки").click()
    await sees_heading(page, "Служба поддержки")
    await link(page, "Вернуться ко входу").click()


async def _look_around_the_code_page(page: Page) -> None:
    """Figures 8 to 10."""
    await sees(page, "Код подтверждения отправлен на номер")
    await link(page, "Не приходит смс").click()
    await sees_heading(page, "Если смс с кодом для входа на Госуслуги не приходит")
    for said in ("Настройки связи", "авиарежим", "24 часа", "баланс", "Настройки телефона", "спам", "памят"):
        await sees(page, said)
    await expect(link(page, "онлайн через банк")).to_be_visible()
    await link(page, "обратиться в службу поддержки").click()
    await sees_heading(page, "Служба поддержки")
    await link(page, "Вернуться ко входу").click()
    await sees_heading(page, "Подтвердите вход")


def _phone(person: Citizen) -> str:
    digits = person.login[7:]
    return f"+7 (902) {digits[:3]}-{digits[3:5]}-{digits[5:]}"


async def _read_my_cards(page: Page, person: Citizen) -> None:
    """Figure 11, in its order; after it the telephone."""
    await sees(page, "Рады Вас приветствовать на портале самозаписи на прием к врачу «Медицина ONLINE»!")
    rows = {
        "Страховой полис": "2600000000000000",
        "Дата рождения": "01.01.1990",
        "Фамилия": "Фамилия",
        "Имя": "Имя",
        "Отчество": "Отчество",
        "Паспорт РФ": "указать",
        "СНИЛС": "указать",
        "Пол": "женский",
        "Страховая компания": 'АО "СОГАЗ-МЕД" (ранее ВТБ)',
        "Телефон": _phone(person),
    }
    await expect(page.get_by_role("term")).to_have_text(list(rows))
    for said, shown in zip(rows.values(), await page.get_by_role("definition").all(), strict=True):
        await expect(shown).to_contain_text(said)
    for name in ("Зарегистрируйте новую карту", "Записать на прием", "Онлайн-консультация врача"):
        await expect(link(page, name)).to_be_visible()
    await expect(link(page, "Щелкните здесь, чтобы добавить еще одну карту")).to_be_visible()
    for name in ("Регион", "Мои карты", "Вызвать врача на дом", "Запись на диспансеризацию"):
        await expect(in_header(page, name)).to_be_visible()
    await expect(in_header(page, "Медицина-онлайн Ставропольский край")).to_be_visible()
    await link(page, "Добавление/Редактирование/Удаление карты пациента").click()
    await sees_heading(page, "Добавление/Редактирование/Удаление карты пациента")


async def _read_settings(page: Page, person: Citizen) -> None:
    await sees(page, "Отредактируйте настройки и сохраните изменения")
    await expect(field(page, "Телефон")).to_have_value(_phone(person))
    await expect(field(page, "Фамилия")).to_have_value("Фамилия")
    await expect(field(page, "Имя")).to_have_value("Имя")
    await expect(field(page, "Электронная почта")).to_be_editable()
    await sees(page, RULE)


async def _sign_out(page: Page) -> None:
    menu = page.get_by_role("banner")
    await menu.get_by_text(MENU, exact=True).click()
    await menu.get_by_role("button", name="выход", exact=True).click()
    await sees(page, "Вы вышли из личного кабинета")


async def _sign_in_by_login_and_password(page: Page, person: Citizen, password: str) -> None:
    """Figures 15 to 17."""
    await link(page, "Войти").click()
    await sees(page, "Телефон, e-mail или СНИЛС")
    await sees(page, "Не задавали или забыли пароль? Войдите через Госуслуги")
    await field(page, "Логин").fill(person.login)
    await field(page, "Пароль").fill(password)
    await button(page, "Войти").click()
    await sees_own_card(page, person)
