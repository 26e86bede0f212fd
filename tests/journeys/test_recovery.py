"""The second manual: a forgotten password is set anew after Gosuslugi; and what a password opens and ends."""

from deploy.local.stack import Stack
from tests.journeys.steps import (
    citizen,
    pass_esia,
    register,
    set_password,
    sign_in_by_esia,
    sign_in_by_password,
    until_shown,
)
from tests.journeys.visitor import Visitor

WRONG = "Неверный логин или пароль"


async def test_a_forgotten_password_is_set_anew_and_the_old_one_is_refused(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        await set_password(visitor, "Forgotten1")
        assert "сохранены" in visitor.page.text
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_esia(visitor, portal, person)
        await set_password(visitor, "Remembered2")
        assert "сохранены" in visitor.page.text
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, person.login, "Forgotten1")
        assert WRONG in visitor.page.text
        await sign_in_by_password(visitor, person.login, "Remembered2")
        assert person.full_name in visitor.page.text


async def test_a_new_password_has_ended_all_other_sessions_when_its_page_says_so(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as home, Visitor(portal.portal_url) as elsewhere:
        await sign_in_by_esia(elsewhere, portal, person)
        await sign_in_by_esia(home, portal, person)
        await set_password(home, "EndsOthers1")
        await until_shown(home, "сеансы завершены", home.page.url)
        assert "/sign-in" in (await elsewhere.open("/cards")).url
        assert person.full_name in (await home.open("/cards")).text


async def test_without_a_fresh_sign_in_the_old_password_is_asked(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_esia(visitor, portal, person)
        await set_password(visitor, "OldOne1")
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, person.login, "OldOne1")
        await visitor.open("/settings")
        visitor.fill("Текущий пароль", "NotThisOne1")
        visitor.fill("Пароль", "NewOne22")
        visitor.fill("Повторите пароль", "NewOne22")
        page = await visitor.press("Сохранить")
        assert "сохранены" not in page.text
        visitor.fill("Текущий пароль", "OldOne1")
        visitor.fill("Пароль", "NewOne22")
        visitor.fill("Повторите пароль", "NewOne22")
        page = await visitor.press("Сохранить")
        assert "сохранены" in page.text


async def test_a_password_forgotten_while_signed_in_is_set_anew_through_gosuslugi_which_asks_again(
    portal: Stack,
) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_esia(visitor, portal, person)  # Gosuslugi's own session stays open
        await set_password(visitor, "NotForLong1")
        visitor.http.cookies.delete("session")
        await sign_in_by_password(visitor, person.login, "NotForLong1")
        await visitor.open("/settings")
        visitor.fill("Имя", "Машенька")
        page = await visitor.press("Войти через Госуслуги заново")
        assert page.url.startswith(portal.esia_url), "Gosuslugi must ask again"
        await pass_esia(visitor, portal, person)
        assert visitor.page.url == f"{portal.portal_url}/settings"
        assert "Мы сохранили то, что вы вводили" in visitor.page.text
        visitor.fill("Пароль", "Remembered3")
        visitor.fill("Повторите пароль", "Remembered3")
        page = await visitor.press("Сохранить")
        assert "сохранены" in page.text


async def test_signing_out_ends_the_session_on_the_server_and_at_gosuslugi(portal: Stack) -> None:
    person = citizen(portal, "Есть всё")
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_esia(visitor, portal, person)
        session = {cookie.name: cookie.value for cookie in visitor.http.cookies.jar if cookie.name == "session"}
        page = await visitor.press("выход")
        assert page.url.startswith(portal.portal_url)
        visitor.http.cookies.set("session", session["session"] or "", domain="localhost.local")
        assert "/sign-in" in (await visitor.open("/cards")).url
        page = await visitor.press("Войти через Госуслуги")
        assert "Пароль" in page.text, "Gosuslugi must ask the next person who they are"


async def test_signing_in_by_gosuslugi_without_being_registered_keeps_nothing(portal: Stack) -> None:
    person = citizen(portal, "Первый из двух тёзок")
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_esia(visitor, portal, person)
        assert "не зарегистрированы" in visitor.page.text
        assert "Зарегистрироваться" in visitor.page.text
        assert "/sign-in" in (await visitor.open("/cards")).url


async def test_a_phone_confirmed_for_two_is_a_login_for_neither(portal: Stack) -> None:
    wife, husband = (citizen(portal, f"Один подтверждённый телефон на двоих с {whom}") for whom in ("мужем", "женой"))
    for person in (wife, husband):
        async with Visitor(portal.portal_url) as visitor:
            await register(visitor, portal, person)
            await set_password(visitor, "Shared123")
    for person in (wife, husband):
        async with Visitor(portal.portal_url) as visitor:
            await sign_in_by_password(visitor, person.esia["person"]["snils"], "Shared123")
            assert "другой учётной записи" in (await visitor.open("/settings")).text
    async with Visitor(portal.portal_url) as visitor:
        phone = next(contact["value"] for contact in wife.esia["contacts"] if contact["type"] == "MBT")
        await sign_in_by_password(visitor, phone, "Shared123")
        assert WRONG in visitor.page.text
        await sign_in_by_password(visitor, wife.esia["person"]["snils"], "Shared123")
        assert wife.full_name in visitor.page.text
