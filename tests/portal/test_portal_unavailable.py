"""A service that does not answer, or not now: what the person reads, and where it leads on."""

import random
from uuid import uuid4

import pytest

from services.portal.errors import MAY_BE_CHANGED_ALREADY, TYPED_IS_KEPT
from services.portal.pages.sign_in import NOT_IN, NOT_NOW
from tests.portal.cards import childs_card
from tests.portal.portal_in_process import PortalInProcess

TYPED = {"login": "+7 900 000-00-00", "password": "secret1"}
PROBABLY = "проверьте, сохранилось ли это"


async def test_where_no_password_can_be_checked_the_form_stays_with_gosuslugi_beside_it(pages: PortalInProcess) -> None:
    page = await pages.browser.post("/sign-in", data=TYPED)
    assert (page.status_code, page.headers["retry-after"]) == (503, "10")
    assert NOT_NOW in page.text
    assert f">{NOT_IN}</h2>" in page.text, "nothing is wrong with what was typed"
    assert 'value="+7 900 000-00-00"' in page.text
    assert "Войти через Госуслуги" in page.text


@pytest.mark.parametrize("code", ["busy", "too-many-attempts"])
async def test_why_a_password_has_to_wait_is_said_by_who_knows(pages: PortalInProcess, code: str) -> None:
    pages.refuse("POST /api/settings/sign-ins", 429, code)
    page = await pages.browser.post("/sign-in", data=TYPED)
    assert page.status_code == 429
    assert f"({code})" in page.text


async def test_a_change_that_was_not_answered_may_have_been_made_and_the_page_says_so(pages: PortalInProcess) -> None:
    pages.sign_in()
    card = childs_card()
    pages.answer(f"GET /api/cards/{card.card_id}", 200, card.model_dump(mode="json"))
    form = await pages.form_at(f"/cards/{card.card_id}/remove")
    page = await pages.browser.post(f"/cards/{card.card_id}/remove", data=form)
    assert (page.status_code, PROBABLY in page.text) == (503, True)
    again = f'<a class="button" href="/cards/{card.card_id}/remove">Открыть страницу ещё раз</a>'
    assert again in page.text


async def test_what_was_typed_into_a_form_that_nobody_answered_waits_on_its_page(pages: PortalInProcess) -> None:
    pages.sign_in()
    form = await pages.form_at("/cards/new")
    page = await pages.browser.post("/cards/new", data={**form, "family_name": "Лугова"})
    assert (page.status_code, TYPED_IS_KEPT in page.text) == (503, True)
    assert '<a class="button" href="/cards/new">Открыть страницу ещё раз</a>' in page.text
    opened = (await pages.browser.get("/cards/new")).text
    assert 'id="family_name" name="family_name" type="text" value="Лугова"' in opened
    assert f'name="request_id" value="{form["request_id"]}"' in opened, "sent again it is the same card"


@pytest.mark.parametrize("taken", [True, False])
async def test_what_was_sent_again_and_answered_waits_no_longer(pages: PortalInProcess, taken: bool) -> None:
    pages.sign_in()
    form = {**await pages.form_at("/cards/new"), "family_name": "Лугова"}
    await pages.browser.post("/cards/new", data=form)
    if taken:
        pages.answer("POST /api/cards", 201, {"card_id": str(uuid4()), "version": 1})
    else:
        pages.refuse("POST /api/cards", 422, "invalid-input", {"birth_date": "Заполните это поле"})
    answered = await pages.browser.post("/cards/new", data=form)
    assert answered.status_code == (303 if taken else 422)
    anew = await pages.browser.get("/cards/new")
    assert "Лугова" not in anew.text
    assert form["request_id"] not in anew.text, "the next card is another"


async def test_who_signs_out_leaves_nothing_that_was_typed(pages: PortalInProcess) -> None:
    pages.sign_in()
    form = await pages.form_at("/cards/new")
    await pages.browser.post("/cards/new", data={**form, "family_name": "Лугова"})
    pages.answer("DELETE /api/identity/session", 200, {"logout_url": "http://127.0.0.1:8090/logout"})
    await pages.browser.post("/sign-out", data={"form_token": form["form_token"]})
    assert "Лугова" not in (await pages.browser.get("/cards/new")).text


@pytest.mark.parametrize("password", ["", "Anew3333"])
async def test_whose_password_may_have_changed_is_told_so(pages: PortalInProcess, password: str) -> None:
    pages.sign_in()
    form = await pages.form_at("/settings")
    page = await pages.browser.post("/settings", data={**form, "password": password, "password_repeat": password})
    assert (page.status_code, MAY_BE_CHANGED_ALREADY in page.text) == (503, bool(password))


async def test_what_is_too_much_for_a_cookie_is_not_said_to_be_kept(pages: PortalInProcess) -> None:
    pages.sign_in()
    form = await pages.form_at("/cards/new")
    much = random.Random(6).randbytes(3000).hex()
    page = await pages.browser.post("/cards/new", data={**form, "family_name": much})
    assert (page.status_code, PROBABLY in page.text) == (503, True)
    assert much not in (await pages.browser.get("/cards/new")).text


async def test_a_page_that_only_reads_doubts_nothing(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = await pages.browser.get("/cards")
    assert (page.status_code, PROBABLY in page.text) == (503, False)
    assert "То, что вы уже сохранили, не пропало" in page.text


async def test_a_token_that_a_service_does_not_believe_leads_back_to_the_page(pages: PortalInProcess) -> None:
    pages.sign_in()
    pages.refuse("GET /api/cards", 401, "sign-in-required")
    page = await pages.browser.get("/cards")
    assert "<h1>Нужно войти ещё раз</h1>" in page.text
    assert '<a class="button" href="/cards">Открыть страницу ещё раз</a>' in page.text


async def test_who_has_to_agree_to_a_new_text_is_not_named_before(pages: PortalInProcess) -> None:
    pages.sign_in(consent_due=True)
    await pages.browser.get("/help")
    assert "GET /api/settings/profile" not in [question for question, _ in pages.asked]
