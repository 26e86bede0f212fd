"""The HTTP door of the patient cards: `/api/cards`. A signed-in holder sees and changes the cards of their own account.

Another account's card answers as if it did not exist. A change answers with the version of the card's stream; a read
can name the version that it needs and waits for it up to two seconds.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from chassis.http import origin_of
from chassis.problem import Problem
from chassis.token import Clock, SignedIn
from eventlog.store import Document
from medonline_contracts.cards import holder_card_id
from services.cards.commands import CardCommands, added_card_id
from services.cards.domain import (
    AddPatientCard,
    CardRemoved,
    Command,
    CorrectPatientCard,
    NotFound,
    Refusal,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.history import CardHistory, HistoryRow
from services.cards.patient_card import PatientCardView, view_of
from services.cards.queries import Awaited, CardList, find_card, list_cards
from services.cards.refusals import problem_of
from services.cards.statement_input import CardToAdd, Correction, Restoration
from services.cards.views import PatientCards, is_removed

router = APIRouter(prefix="/api/cards", tags=["cards"])


@dataclass(frozen=True, slots=True)
class CardsDesk:
    """What the handlers work with; `main` puts it into the application's state as `cards`."""

    commands: CardCommands
    cards: PatientCards
    history: CardHistory
    clock: Clock


def _desk(request: Request) -> CardsDesk:
    desk: CardsDesk = request.app.state.cards
    return desk


Desk = Annotated[CardsDesk, Depends(_desk)]
Version = Annotated[int, Query(ge=0)]


class Changed(BaseModel):
    """A card after a change: its id and the version of its stream."""

    card_id: str
    version: int


@router.get("")
async def list_patient_cards(
    signed_in: SignedIn,
    desk: Desk,
    account_version: Version | None = None,
    card_id: UUID | None = None,
    card_version: Version | None = None,
) -> CardList:
    """The account's cards, and the removed ones that can be brought back.

    With versions named it waits for them: `account_version` is what signing in answered with, `card_version` what a
    change of the card `card_id` did.
    """
    awaited = Awaited(account_version, str(card_id) if card_id else None, card_version)
    return await list_cards(desk.cards, signed_in.account_id, awaited, desk.clock())


@router.post("", status_code=201)
async def add_patient_card(typed: CardToAdd, signed_in: SignedIn, desk: Desk, request: Request) -> Changed:
    """Add a relative's card; the same `request_id` again answers alike and adds nothing."""
    account_id = signed_in.account_id
    command = AddPatientCard(account_id, typed.relation, typed.person(), await desk.cards.count(account_id))
    return await _carry_out(added_card_id(account_id, typed.request_id), command, desk, request)


@router.get("/{card_id}")
async def read_patient_card(
    card_id: UUID, signed_in: SignedIn, desk: Desk, version: Version | None = None
) -> PatientCardView:
    """One card; a removed one answers 409 `card-removed`, one's own that is still being made 404 `card-being-made`."""
    document = await _find(card_id, signed_in.account_id, desk, version or 0)
    if is_removed(document):
        raise problem_of(CardRemoved())
    return view_of(document)


@router.put("/{card_id}")
async def correct_patient_card(
    card_id: UUID, typed: Correction, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """State anew all that is stated on the card; 409 `card-changed` where it is no longer at `expected_version`."""
    command = CorrectPatientCard(signed_in.account_id, typed.expected_version, typed.relation, typed.person())
    return await _carry_out(str(card_id), command, desk, request)


@router.delete("/{card_id}")
async def remove_patient_card(
    card_id: UUID, expected_version: Version, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """Remove the card; removing it again changes nothing."""
    return await _carry_out(str(card_id), RemovePatientCard(signed_in.account_id, expected_version), desk, request)


@router.post("/{card_id}/restoration")
async def restore_patient_card(
    card_id: UUID, how: Restoration, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """Bring a removed card back, with what was stated on it or, one's own, anew."""
    return await _carry_out(str(card_id), RestorePatientCard(signed_in.account_id, how.anew), desk, request)


@router.get("/{card_id}/history")
async def read_card_history(card_id: UUID, signed_in: SignedIn, desk: Desk) -> list[HistoryRow]:
    """What changed on the card, by whom and when, newest first; a removed card's too."""
    await _find(card_id, signed_in.account_id, desk)
    return await desk.history.of_card(signed_in.account_id, str(card_id))


async def _carry_out(card_id: str, command: Command, desk: CardsDesk, request: Request) -> Changed:
    try:
        return Changed(card_id=card_id, version=await desk.commands.carry_out(card_id, command, origin_of(request)))
    except Refusal as refusal:
        raise problem_of(refusal) from None


async def _find(card_id: UUID, account_id: str, desk: CardsDesk, version: int = 0) -> Document:
    if document := await find_card(desk.cards, account_id, str(card_id), version):
        return document
    if str(card_id) == holder_card_id(account_id):
        raise Problem(404, "card-being-made", "Карта ещё создаётся. Обновите страницу через несколько секунд.")
    raise problem_of(NotFound())
