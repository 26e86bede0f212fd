"""Adding a relative's card and correcting a card."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from fastapi import APIRouter, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from medonline_contracts.cards import Relation
from services.portal.card_form import LABELS, stated_in, values_of
from services.portal.card_meanwhile import saved_meanwhile
from services.portal.card_view import DOCUMENTS, GROUNDS, RELATIONS, confirmed_texts, expected_document
from services.portal.clients.cards import PatientCard
from services.portal.forms import FilledIn, Form, expected_version, kept_fields, without_draft
from services.portal.visit import Personal, PersonalVisit

router = APIRouter(include_in_schema=False)

RELATIVES = {relation.value: text for relation, text in RELATIONS.items() if relation is not Relation.SELF} | {
    Relation.OTHER.value: f"{RELATIONS[Relation.OTHER]} (например, внук или внучка)"
}
STATED_DOCUMENTS = {kind: DOCUMENTS[kind] for kind in ("RF_PASSPORT", "RF_BRTH_CERT", "FRGN_PASS")}
CHOICES = {"relatives": RELATIVES, "documents": STATED_DOCUMENTS, "grounds": GROUNDS}
TO_CORRECT = (409, 422)
CHANGED = "card-changed"


@router.get("/cards/new")
async def new_card(visit: Personal) -> Response:
    """An empty form, or what had been typed into it."""
    kept = kept_fields(visit)
    values = kept or {**values_of("", None), "request_id": str(uuid4())}
    return without_draft(visit, _new_page(visit, Form(LABELS, values, kept=kept is not None)))


@router.post("/cards/new")
async def add_card(submitted: FilledIn) -> Response:
    """Add it; the form's `request_id` makes a second click harmless."""
    visit, fields = submitted.visit, submitted.fields
    try:
        added = await visit.cards.add(fields.get("request_id", ""), stated_in(fields))
    except Problem as problem:
        if problem.status not in TO_CORRECT:
            raise
        await visit.learn_name()
        return without_draft(visit, _new_page(visit, _refused(fields, problem), 422))
    return _saved(visit, added.card_id, added.version, "card-added")


@router.get("/cards/{card_id}/edit")
async def edit_card(visit: Personal, card_id: str) -> Response:
    """The form with what is stated, or what had been typed into it."""
    card = await visit.cards.one(card_id)
    kept = kept_fields(visit)
    values = kept or {**_values(card), "expected_version": str(card.version)}
    return without_draft(visit, _edit_page(visit, card, Form(LABELS, values, kept=kept is not None)))


@router.post("/cards/{card_id}/edit")
async def correct_card(submitted: FilledIn, card_id: str) -> Response:
    """Save the whole of what is stated.

    Where it was changed elsewhere, the form comes back with what the card states now beside what was typed: only who
    was shown that may save over it. For any other refusal the form stays one of the version it was filled in from.
    """
    visit, fields = submitted.visit, submitted.fields
    expected = expected_version(fields)
    try:
        saved = await visit.cards.correct(card_id, expected, stated_in(fields))
    except Problem as problem:
        if problem.status not in TO_CORRECT:
            raise
        await visit.learn_name()
        card = await visit.cards.one(card_id)
        shown = {"expected_version": str(card.version), "changed": "true"} if problem.code == CHANGED else {}
        return without_draft(visit, _edit_page(visit, card, _refused({**fields, **shown}, problem), 422))
    return _saved(visit, card_id, saved.version, "card-saved")


def _new_page(visit: PersonalVisit, form: Form, status: int = 200) -> Response:
    return visit.page("card_new.html", status, form=form, said={}, **CHOICES)


def _edit_page(visit: PersonalVisit, card: PatientCard, form: Form, status: int = 200) -> Response:
    if form.value("changed"):
        form = replace(form, saved_meanwhile=saved_meanwhile(form.values, _values(card)))
    return visit.page("card_edit.html", status, form=form, card=card, said=confirmed_texts(card), **CHOICES)


def _values(card: PatientCard) -> dict[str, str]:
    return values_of(card.relation, card.stated, expected_document(card))


def _refused(values: Mapping[str, str], problem: Problem) -> Form:
    see = {field: f"/cards/{card_id}" for field, card_id in problem.conflicts.items()}
    return Form(LABELS, values, problem.errors or {"": problem.detail}, see)


def _saved(visit: PersonalVisit, card_id: str, version: int, notice: str) -> Response:
    saved = visit.redirect(with_query("/cards", card_id=card_id, card_version=version, notice=notice))
    return without_draft(visit, saved)
