"""The settings say by what one signs in, whatever contacts are stated."""

from typing import Any

import pytest

from tests.portal.portal_in_process import PROFILE, PortalInProcess

LOGINS = {"phone": "login", "email": "login", "snils": "login"}
CONFIRMED = {"phone": "+79000000000", "email": "pochta@mail.example", "logins": LOGINS}
CHANGED = {
    "phone": "+79000000009",
    "email": "other@mail.example",
    "logins": {"phone": "unconfirmed", "email": "unconfirmed", "snils": "login"},
}


async def settings_of(pages: PortalInProcess, **profile: Any) -> str:
    pages.sign_in()
    pages.answer("GET /api/settings/profile", 200, {**PROFILE, **profile})
    return (await pages.browser.get("/settings")).text


async def test_after_a_change_of_contacts_the_logins_that_work_are_named(pages: PortalInProcess) -> None:
    page = await settings_of(pages, **CHANGED, confirmed=CONFIRMED)
    logins = "телефон +7 (900) 000-00-00, электронная почта pochta@mail.example, СНИЛС"
    assert f"Логин для входа по паролю: {logins}." in page
    assert "Войти по нему нельзя: он не подтверждён на Госуслугах." in page
    assert "Войти по ней нельзя: она не подтверждена на Госуслугах." in page


@pytest.mark.parametrize("state", ["shared", "unconfirmed", "absent"])
async def test_what_names_two_accounts_or_was_not_confirmed_is_no_login(pages: PortalInProcess, state: str) -> None:
    logins = {"phone": state, "email": "login", "snils": "absent"}
    page = await settings_of(pages, **CHANGED, confirmed={**CONFIRMED, "logins": logins})
    assert "Логин для входа по паролю: электронная почта pochta@mail.example." in page
    page = await settings_of(pages, **CHANGED, confirmed={**CONFIRMED, "logins": {"phone": state}})
    assert "Логина для входа по паролю у вас пока нет" in page


async def test_until_gosuslugi_has_spoken_nothing_is_said_of_logins(pages: PortalInProcess) -> None:
    assert "для входа по паролю" not in await settings_of(pages, complete=False)
