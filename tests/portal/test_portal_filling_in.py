"""A form says which of its fields have to be filled in, to the eye and to a screen reader."""

import re
from datetime import UTC, date, datetime

import pytest

from medonline_contracts.cards import Relation
from services.cards.statement import faults
from services.portal.card_form import LABELS
from services.portal.clients.cards import PatientCard
from services.portal.forms import Form
from tests.portal.cards import childs_card, own_card
from tests.portal.portal_in_process import PortalInProcess


async def test_names_are_marked_as_required_and_contacts_are_not(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = (await pages.browser.get("/settings")).text
    marked = [tag for tag in page.split("<input") if 'aria-required="true"' in tag]
    assert [tag.split('"')[1] for tag in marked] == ["family_name", "given_name"]


async def test_a_relatives_card_says_and_marks_what_has_to_be_filled_in(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = (await pages.browser.get("/cards/new")).text
    assert "Обязательно укажите, кем вам приходится этот человек, его фамилию, имя, дату рождения и пол" in page
    assert page.count('role="radiogroup"') == 4
    fields = [tag.split("</")[0] for tag in page.split(' id="') if 'aria-required="true"' in tag.split(">")[0]]
    required = ["relation", "family_name", "given_name", "birth_date", "gender"]
    assert [tag.split('"')[0] for tag in fields] == required
    assert "checked" not in page
    assert "кем он вам приходится, его фамилию" in (await pages.browser.get("/help/cards")).text


@pytest.mark.parametrize(
    ("card", "offered"),
    [(own_card(), ["female", "male", ""]), (childs_card(), ["female", "male"])],
    ids=["one's own", "a relative's"],
)
async def test_only_ones_own_card_can_have_the_sex_that_gosuslugi_said(
    pages: PortalInProcess, card: PatientCard, offered: list[str]
) -> None:
    pages.sign_in()
    pages.answer(f"GET /api/cards/{card.card_id}", 200, card.model_dump(mode="json"))
    page = (await pages.browser.get(f"/cards/{card.card_id}/edit")).text
    assert re.findall(r'name="gender" value="(\w*)"', page) == offered


async def test_a_grandmother_finds_what_to_choose_for_a_grandchild(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = (await pages.browser.get("/cards/new")).text
    assert "Другой родственник (например, внук или внучка)</label>" in page
    assert "Сын или дочь</label>" in page


def test_a_missing_ground_is_asked_for_once_in_the_summary() -> None:
    grown_up = childs_card().effective.model_copy(update={"birth_date": date(2000, 1, 1)})
    errors = faults(Relation.CHILD, Relation.CHILD, grown_up, datetime(2026, 11, 22, tzinfo=UTC))
    assert Form(LABELS, {}, errors).summary == [
        ("ground", "Этому человеку уже есть 18 лет: выберите, на каком основании вы ведёте карту")
    ]


async def test_arriving_at_a_field_scrolls_no_form_past_the_eyes(pages: PortalInProcess) -> None:
    assert b"smooth" not in pages.app.state.portal.renderer.static["portal.css"].content
