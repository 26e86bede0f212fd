"""The settings say by what one signs in, whatever contacts are stated, and what another tab has saved meanwhile."""

from typing import Any

import httpx
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


async def late(pages: PortalInProcess, **typed: str) -> httpx.Response:
    """The answer to a tab that was opened at version 0, before another one gave an address."""
    pages.sign_in()
    fields = {**await pages.form_at("/settings"), "given_name": "Имя", "family_name": "Другая", **typed}
    pages.answer("GET /api/settings/profile", 200, {**PROFILE, "version": 1, "email": "new@mail.example"})
    return await pages.browser.post("/settings", data={"phone": "+7 (900) 000-00-00", **fields})


async def test_what_another_tab_saved_stands_beside_the_fields_before_it_can_be_saved_over(
    pages: PortalInProcess,
) -> None:
    pages.refuse("PUT /api/settings/profile", 409, "settings-changed")
    page = (await late(pages)).text
    assert '<p class="now" id="email-now">Сейчас в настройках: new@mail.example.</p>' in page
    assert '<p class="now" id="family_name-now">Сейчас в настройках: Фамилия.</p>' in page
    assert page.count('<p class="now"') == 2
    assert 'name="expected_version" value="1"' in page
    pages.refuse("PUT /api/settings/profile", 422, "invalid-input", {"phone": "Проверьте"})
    assert 'id="email-now"' in (await late(pages, expected_version="1", changed="true")).text


async def test_settings_refused_for_their_content_are_not_taken_for_ones_that_saw_another_tabs(
    pages: PortalInProcess,
) -> None:
    pages.refuse("PUT /api/settings/profile", 422, "invalid-input", {"phone": "Проверьте"})
    page = (await late(pages)).text
    assert 'name="expected_version" value="0"' in page
    assert 'class="now"' not in page
