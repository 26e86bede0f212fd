"""What only one's own card can: to take Gosuslugi's word, and to take in a relative's card of the same person."""

from fastapi import APIRouter, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from services.portal.card_form import LABELS
from services.portal.clients.cards import AlikeCards, PatientCard, PatientCards
from services.portal.forms import Submitted, expected_version
from services.portal.visit import Elsewhere, Personal, PersonalVisit

router = APIRouter(include_in_schema=False)

CHANGED = "card-changed"
NUMBERS = ("snils", "enp")
NOTHING_LEFT = ("card-removed", "not-one-person")


@router.post("/cards/{card_id}/confirmed-value")
async def take_from_esia(submitted: Submitted, card_id: str) -> Response:
    """«Взять из Госуслуг»: what was stated in this field goes."""
    visit, fields = submitted.visit, submitted.fields
    taken = await visit.cards.take_from_esia(card_id, expected_version(fields), fields.get("field", ""))
    return visit.redirect(with_query("/cards", card_id=card_id, card_version=taken.version, notice="card-taken"))


@router.get("/cards/{card_id}/confirmed-value")
async def taking_skipped() -> Response:
    """The card offers it."""
    raise Elsewhere("/cards")


@router.get("/cards/{card_id}/joining")
async def ask(visit: Personal, card_id: str) -> Response:
    """Really? Where there is nothing to join, the list is shown."""
    return _ask(visit, await visit.cards.all(), card_id)


@router.post("/cards/{card_id}/joining")
async def join(submitted: Submitted, card_id: str) -> Response:
    """Join it with one's own; where it was changed since the page was made, ask again."""
    visit, expected = submitted.visit, expected_version(submitted.fields)
    try:
        joined = await visit.cards.join(card_id, expected)
    except Problem as problem:
        if problem.code in NOTHING_LEFT:  # a second click, or another tab was first
            raise Elsewhere("/cards") from None
        if problem.code != CHANGED:
            raise
        await visit.learn_name()
        return _ask(visit, await visit.cards.all(), card_id, changed=True)
    await visit.cards.one(joined.own.card_id, joined.own.version)
    return visit.redirect(with_query("/cards", card_id=card_id, card_version=joined.version, notice="cards-joined"))


def _ask(visit: PersonalVisit, found: PatientCards, card_id: str, *, changed: bool = False) -> Response:
    alike = _joinable(found, card_id)
    if alike is None:
        raise Elsewhere("/cards")
    by_id = {card.card_id: card for card in found.cards}
    card, own = by_id[card_id], by_id[alike.other_card_id]
    numbers = [LABELS[field] for field in alike.numbers]
    moving = [LABELS[field] for field in NUMBERS if _moves(field, card, own)]
    asked = {"card": card, "field": alike.numbers[0], "numbers": numbers, "moving": moving, "changed": changed}
    return visit.page("card_join.html", 409 if changed else 200, **asked)


def _moves(field: str, card: PatientCard, own: PatientCard) -> bool:
    return getattr(own.effective, field) is None and getattr(card.effective, field) is not None


def _joinable(found: PatientCards, card_id: str) -> AlikeCards | None:
    return next((alike for alike in found.alike if alike.card_id == card_id and alike.numbers), None)
