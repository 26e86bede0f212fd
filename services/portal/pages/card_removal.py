"""Removing a card, which asks first, and bringing it back."""

from fastapi import APIRouter, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from services.portal.errors import WayOn, error_page
from services.portal.forms import Submitted, expected_version
from services.portal.visit import Elsewhere, Personal, PersonalVisit

router = APIRouter(include_in_schema=False)

CHANGED = "card-changed"
ALREADY_THERE = "card-already-there"
NUMBER_TAKEN = "number-taken"


@router.get("/cards/{card_id}/remove")
async def ask(visit: Personal, card_id: str) -> Response:
    """Really?"""
    return visit.page("card_remove.html", card=await visit.cards.one(card_id), changed=False)


@router.post("/cards/{card_id}/remove")
async def remove(submitted: Submitted, card_id: str) -> Response:
    """Remove it; where it was changed since the page was made, ask again."""
    visit, expected = submitted.visit, expected_version(submitted.fields)
    try:
        removed = await visit.cards.remove(card_id, expected)
    except Problem as problem:
        if problem.code != CHANGED:
            raise
        await visit.learn_name()
        card = await visit.cards.one(card_id)
        return visit.page("card_remove.html", 409, card=card, changed=True)
    return visit.redirect(with_query("/cards", card_id=card_id, card_version=removed.version, notice="card-removed"))


@router.post("/cards/{card_id}/restoration")
async def restore(submitted: Submitted, card_id: str) -> Response:
    """Bring it back, or make one's own anew."""
    visit, anew = submitted.visit, submitted.fields.get("anew") == "true"
    try:
        version = (await visit.cards.restore(card_id, anew)).version
    except Problem as problem:
        if problem.code == NUMBER_TAKEN:
            await visit.learn_name()
            return _taken(visit, problem)
        if problem.code != ALREADY_THERE:  # a second click
            raise
        version = None
    notice = "card-anew" if anew else "card-restored"
    return visit.redirect(with_query("/cards", card_id=card_id, card_version=version, notice=notice))


@router.get("/cards/{card_id}/restoration")
async def restoration_skipped() -> Response:
    """The list offers it."""
    raise Elsewhere("/cards")


def _taken(visit: PersonalVisit, problem: Problem) -> Response:
    field, card_id = next(iter(problem.conflicts.items()))
    detail = f"{problem.errors[field]}. Удалите этот номер там или удалите ту карту, и эту можно будет восстановить."
    way_on = WayOn(f"/cards/{card_id}", "Открыть ту карту")
    return error_page(visit, problem.status, detail, "Восстановить карту не получилось", way_on)
