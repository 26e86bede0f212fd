"""Who is late to save a card is shown what it states by now, and only then may save over it."""

from typing import Any

import httpx
import pytest

from medonline_contracts.cards import Ground, Relation, StatedDocument, StatedPerson
from services.portal.card_form import LABELS, values_of
from services.portal.card_meanwhile import NOTHING, saved_meanwhile
from tests.portal.cards import childs_card
from tests.portal.portal_in_process import PortalInProcess

CHILD = childs_card().model_dump(mode="json")
PHONE = "+7 (900) 000-00-01"
BY_ANOTHER_TAB = {**CHILD, "version": 2, "stated": {**CHILD["stated"], "phone": "+79000000001"}}
NOW_PHONE = f'<p class="now" id="phone-now">Сейчас в карте: {PHONE}.</p>'
TYPED = values_of("child", childs_card().stated)
PASSPORT = StatedDocument(type="RF_PASSPORT", series="0705", number="418263")


async def late(pages: PortalInProcess, **typed: str) -> httpx.Response:
    """The answer to a tab that was opened at version 1, before another one added a telephone."""
    pages.answer("GET /api/cards/c2", 200, CHILD)
    fields = {**await pages.form_at("/cards/c2/edit"), **TYPED, **typed}
    pages.answer("GET /api/cards/c2", 200, BY_ANOTHER_TAB)
    return await pages.browser.post("/cards/c2/edit", data=fields)


def saved(pages: PortalInProcess) -> Any:
    return [sent for question, sent in pages.asked if question == "PUT /api/cards/c2"][-1]


async def test_what_another_tab_saved_stands_beside_the_field_and_above_and_is_read_aloud_with_it(
    pages: PortalInProcess,
) -> None:
    pages.sign_in()
    pages.refuse("PUT /api/cards/c2", 409, "card-changed")
    page = (await late(pages, insurer="АО «Пример»")).text
    assert NOW_PHONE in page
    assert 'aria-describedby="phone-hint phone-now"' in page
    assert f'<a href="#phone">Телефон. Сейчас в карте: {PHONE}.</a>' in page
    assert f'<p class="now" id="insurer-now">{NOTHING}</p>' in page
    assert page.count('<p class="now"') == 2
    assert 'name="expected_version" value="2"' in page


async def test_what_was_shown_stays_beside_the_fields_while_something_else_is_wrong(pages: PortalInProcess) -> None:
    pages.sign_in()
    pages.refuse("PUT /api/cards/c2", 409, "card-changed")
    await late(pages)
    pages.refuse("PUT /api/cards/c2", 422, "invalid-input", {"snils": "Проверьте"})
    page = (await late(pages, expected_version="2", changed="true")).text
    assert NOW_PHONE in page
    assert 'id="snils-error"' in page


@pytest.mark.parametrize(("status", "code"), [(422, "invalid-input"), (409, "number-taken")])
async def test_a_form_refused_for_its_content_is_not_taken_for_one_that_saw_what_another_tab_saved(
    pages: PortalInProcess, status: int, code: str
) -> None:
    pages.sign_in()
    pages.refuse("PUT /api/cards/c2", status, code, {"snils": "Проверьте"})
    page = (await late(pages, snils="1")).text
    assert 'name="expected_version" value="1"' in page
    assert 'class="now"' not in page
    assert saved(pages)["expected_version"] == 1


def test_nothing_is_said_of_fields_that_agree() -> None:
    stated = StatedPerson(family_name="Имя", phone="+79000000001", identity_document=PASSPORT)
    values = values_of("parent", stated)
    assert saved_meanwhile(values, values) == {}
    assert saved_meanwhile({**values, "family_name": " Имя "}, values) == {}


def test_a_choice_is_told_in_its_own_words() -> None:
    stated = StatedPerson(gender="female", ground=Ground.GUARDIANSHIP, identity_document=PASSPORT)
    typed = dict.fromkeys(LABELS, "x")
    told = saved_meanwhile(typed, values_of(Relation.WARD, stated))
    assert told["relation"] == "Сейчас в карте: Подопечный."
    assert told["gender"] == "Сейчас в карте: женский."
    assert told["ground"] == "Сейчас в карте: Опека или попечительство."
    assert told["identity_document.type"] == "Сейчас в карте: Паспорт РФ."
    assert told["phone"] == NOTHING


def test_a_kind_of_document_that_stands_alone_states_nothing() -> None:
    offered = values_of("self", None, "RF_PASSPORT")
    assert saved_meanwhile(values_of("self", None), offered) == {}
    typed = {**offered, "identity_document.number": "418263"}
    assert saved_meanwhile(typed, offered) == {"identity_document.type": NOTHING, "identity_document.number": NOTHING}
