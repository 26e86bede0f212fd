"""A form is taken from its own person's page only; what was typed is not lost when the session is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.portal.forms import Form
from tests.portal.portal_in_process import PortalInProcess

SAVED = ("PUT /api/settings/profile", 200, {"version": 1, "credential_version": None})
PAGE_AGAIN = '<a class="button" href="/settings">Открыть страницу ещё раз</a>'
TYPED = {"given_name": "Маша", "password": "Zv7Kq2Lm", "password_repeat": "Zv7Kq2Lm"}


def saves(pages: PortalInProcess) -> int:
    return sum(question == SAVED[0] for question, _ in pages.asked)


async def test_a_form_from_ones_own_page_is_taken(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    pages.answer(*SAVED)
    answer = await pages.browser.post("/settings", data={**await pages.form_at("/settings"), **TYPED})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?saved=true&version=1")


@pytest.mark.parametrize("token", ["", "alice.00", "nonsense"])
async def test_a_form_that_no_page_of_ours_made_is_refused(pages: PortalInProcess, token: str) -> None:
    pages.sign_in("alice")
    pages.answer(*SAVED)
    answer = await pages.browser.post("/settings", data={"form_token": token, **TYPED})
    assert answer.status_code == 403
    assert "Эта форма устарела" in answer.text
    assert PAGE_AGAIN in answer.text
    assert saves(pages) == 0


async def test_a_form_from_another_site_is_refused(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    pages.answer(*SAVED)
    fields = await pages.form_at("/settings")
    answer = await pages.browser.post("/settings", data={**fields, **TYPED}, headers={"origin": "https://evil.example"})
    assert (answer.status_code, saves(pages)) == (403, 0)
    assert "<h1>Действие отклонено</h1>" in answer.text


async def test_what_one_person_left_open_is_refused_after_another_signed_in(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    alices = await pages.form_at("/settings")
    pages.sign_in("bob")
    pages.answer(*SAVED)
    answer = await pages.browser.post("/settings", data={**alices, **TYPED})
    assert answer.status_code == 403
    assert "вошёл другой человек" in answer.text
    assert PAGE_AGAIN in answer.text
    assert saves(pages) == 0


async def test_when_the_session_is_over_the_fields_come_back_after_signing_in_again(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    fields = await pages.form_at("/settings")
    pages.sign_out()
    answer = await pages.browser.post("/settings", data={**fields, **TYPED})
    assert answer.headers["location"] == "/sign-in?return_to=%2Fsettings"
    assert "то, что вы заполняли, сохранено" in (await pages.browser.get(answer.headers["location"])).text
    pages.sign_in("alice")
    page = await pages.browser.get("/settings")
    assert 'value="Маша"' in page.text
    assert "Zv7Kq2Lm" not in page.text
    assert 'value="Маша"' not in (await pages.browser.get("/settings")).text


async def test_a_form_is_refused_a_day_after_its_page_was_made(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    pages.answer(*SAVED)
    fields = await pages.form_at("/settings")
    tomorrow = datetime.now(UTC) + timedelta(hours=24, seconds=2)
    pages.app.state.portal = replace(pages.app.state.portal, now=lambda: tomorrow)
    answer = await pages.browser.post("/settings", data={**fields, **TYPED})
    assert (answer.status_code, saves(pages)) == (403, 0)
    assert "Эта форма устарела" in answer.text


async def test_after_a_day_and_with_the_session_over_the_fields_come_back_all_the_same(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    fields = await pages.form_at("/settings")
    tomorrow = datetime.now(UTC) + timedelta(hours=25)
    pages.app.state.portal = replace(pages.app.state.portal, now=lambda: tomorrow)
    pages.sign_out()
    await pages.browser.post("/settings", data={**fields, **TYPED})
    pages.sign_in("alice")
    assert 'value="Маша"' in (await pages.browser.get("/settings")).text


@pytest.mark.parametrize("version", ["", "-1", "1.0", "٣", "x", "1" * 10, "9" * 5_000])
@pytest.mark.parametrize("path", ["/settings", "/cards/c1/edit", "/cards/c1/remove"])
async def test_a_version_that_is_none_is_told_to_be_damaged(pages: PortalInProcess, path: str, version: str) -> None:
    pages.sign_in("alice")
    token = (await pages.form_at("/settings"))["form_token"]
    answer = await pages.browser.post(path, data={"form_token": token, "expected_version": version})
    assert answer.status_code == 422
    assert "Форма повреждена" in answer.text
    assert f'href="{path}">Открыть страницу ещё раз</a>' in answer.text
    assert not [question for question, _ in pages.asked if question.startswith(("PUT", "DELETE"))]


async def test_what_one_person_typed_is_never_shown_to_another(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    fields = await pages.form_at("/settings")
    pages.sign_out()
    await pages.browser.post("/settings", data={**fields, **TYPED})
    pages.sign_in("bob")
    assert "Маша" not in (await pages.browser.get("/settings")).text
    pages.sign_in("alice")
    assert "Маша" not in (await pages.browser.get("/settings")).text


async def test_wrong_input_is_told_above_and_beside_the_field_and_what_was_typed_stays(pages: PortalInProcess) -> None:
    pages.sign_in("alice")
    fields = await pages.form_at("/settings")
    pages.refuse("PUT /api/settings/profile", 422, "invalid-input", {"phone": "Введите номер", "password": "Коротко"})
    answer = await pages.browser.post("/settings", data={**fields, **TYPED, "phone": "12<3"})
    assert answer.status_code == 422
    assert "<title>Ошибка: Настройки" in answer.text
    assert '<a href="#phone">Телефон: Введите номер</a>' in answer.text
    assert 'id="phone-error"' in answer.text
    assert 'value="12&lt;3"' in answer.text
    assert "Zv7Kq2Lm" not in answer.text


def test_the_summary_names_the_field_unless_the_message_does_and_follows_the_page() -> None:
    errors = {"snils": "СНИЛС состоит из 11 цифр", "": "Карта изменилась", "gender": "Заполните это поле"}
    form = Form({"gender": "Пол", "snils": "СНИЛС"}, {}, errors)
    assert form.summary == [
        ("", "Карта изменилась"),
        ("gender", "Пол: Заполните это поле"),
        ("snils", "СНИЛС состоит из 11 цифр"),
    ]
