"""Where a fresh sign-in is needed, the way there ends the session here and at Gosuslugi first."""

import re

import pytest

from tests.portal.portal_in_process import PROFILE, PortalInProcess

LOGOUT = "http://127.0.0.1:8090/idp/ext/Logout?client_id=MEDONLINE"
GOSUSLUGI = "http://127.0.0.1:8090/aas/oauth2/v2/ac"
AGAIN = {"return_to": "/settings"}
BACK = "/sign-in/esia?return_to=%2Fsettings"


@pytest.fixture
def alice(pages: PortalInProcess) -> PortalInProcess:
    """Someone who signed in by password."""
    pages.sign_in("alice", amr="pwd")
    pages.answer("DELETE /api/identity/session", 200, {"logout_url": LOGOUT})
    return pages


@pytest.mark.parametrize("password_set", [False, True])
async def test_the_settings_offer_it_with_a_word_why_and_never_as_what_enter_presses(
    alice: PortalInProcess, password_set: bool
) -> None:
    alice.answer("GET /api/settings/profile", 200, {**PROFILE, "password_set": password_set})
    page = (await alice.browser.get("/settings")).text
    assert "завершим ваш сеанс здесь и на Госуслугах" in page
    buttons = re.findall(r"<button[^>]*>([^<]+)</button>", page.partition("<main")[2])
    assert buttons == ["Сохранить", "Войти через Госуслуги заново"]


async def test_freshly_signed_in_it_is_not_offered(pages: PortalInProcess) -> None:
    pages.sign_in()
    assert "заново" not in (await pages.browser.get("/settings")).text


async def test_it_leads_through_gosuslugis_logout(alice: PortalInProcess) -> None:
    answer = await alice.browser.post("/sign-out", data={**await alice.form_at("/settings"), **AGAIN})
    assert (answer.status_code, answer.headers["location"]) == (303, LOGOUT)
    assert alice.asked[-1] == ("DELETE /api/identity/session", None)
    assert alice.parameters[-1] == {"return_to": BACK}


async def test_from_there_it_goes_straight_on_to_gosuslugi(alice: PortalInProcess) -> None:
    await alice.browser.post("/sign-out", data={**await alice.form_at("/settings"), **AGAIN})
    alice.sign_out()
    alice.answer("POST /api/identity/attempts", 201, {"attempt_id": "a1"})
    alice.answer("POST /api/identity/attempts/a1/authorization", 200, {"authorization_url": GOSUSLUGI})
    assert (await alice.browser.get(BACK)).headers["location"] == GOSUSLUGI
    begun = {"purpose": "sign_in", "region": None, "return_to": "/settings"}
    assert ("POST /api/identity/attempts", begun) in alice.asked


@pytest.mark.parametrize("address", [BACK, "/sign-in/esia", "/sign-in/esia?return_to=//evil"])
async def test_a_link_alone_begins_no_sign_in(pages: PortalInProcess, address: str) -> None:
    answer = await pages.browser.get(address)
    back = "?return_to=%2Fsettings" if address == BACK else ""
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in{back}")
    assert pages.asked == []


async def test_what_was_typed_waits_for_the_same_person_without_the_passwords(alice: PortalInProcess) -> None:
    typed = {"given_name": "Маша", "password": "Zv7Kq2Lm", "current_password": "Old7Kq2Lm"}
    await alice.browser.post("/sign-out", data={**await alice.form_at("/settings"), **typed, **AGAIN})
    page = (await alice.browser.get("/settings")).text
    assert 'value="Маша"' in page
    assert "Мы сохранили то, что вы вводили" in page
    assert "Kq2Lm" not in page


async def test_where_nothing_was_typed_nothing_is_said_to_have_been_kept(alice: PortalInProcess) -> None:
    page = (await alice.browser.get("/settings")).text
    shown = dict(re.findall(r'name="([a-z_]+)" type="[a-z]+" value="([^"]*)"', page))
    assert shown["given_name"] == "Имя"
    await alice.browser.post("/sign-out", data={**await alice.form_at("/settings"), **shown, **AGAIN})
    assert "Мы сохранили" not in (await alice.browser.get("/settings")).text


@pytest.mark.parametrize("return_to", ["", "//evil", "https://evil.example/"])
async def test_signing_out_leads_nowhere_else(alice: PortalInProcess, return_to: str) -> None:
    fields = {**await alice.form_at("/settings"), "return_to": return_to}
    answer = await alice.browser.post("/sign-out", data=fields)
    assert alice.parameters[-1] == {}
    assert "set-cookie" not in answer.headers


async def test_no_other_site_signs_anyone_out(alice: PortalInProcess) -> None:
    assert (await alice.browser.post("/sign-out", data=AGAIN)).status_code == 403
    assert ("DELETE /api/identity/session", None) not in alice.asked
