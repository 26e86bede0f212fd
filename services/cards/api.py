"""The HTTP door of the patient cards: `/api/cards`. A signed-in holder sees and changes the cards of their own account.

Another account's card answers as if it did not exist. A change answers with the version of the card's stream; a read
can name the version that it needs and waits for it up to two seconds.
"""

from collections.abc import Sequence
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
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    RemovePatientCard,
    RestorePatientCard,
    added_card_id,
)
from services.cards.consents import Consents
from services.cards.family import alike_to, confirmed_of_holder
from services.cards.handler import CardCommands
from services.cards.history import CardHistory, HistoryRow
from services.cards.patient_card import PatientCardView, view_of
from services.cards.problems import problem_of
from services.cards.queries import Awaited, CardList, find_card, list_cards
from services.cards.refusals import CardRemoved, NotFound, Refusal
from services.cards.statement_input import CardToAdd, Correction, Restoration
from services.cards.views import PatientCards, is_erased, is_removed

router = APIRouter(prefix="/api/cards", tags=["cards"])


@dataclass(frozen=True, slots=True)
class CardsDesk:
    """What the handlers work with; `main` puts it into the application's state as `cards`."""

    commands: CardCommands
    cards: PatientCards
    history: CardHistory
    consents: Consents
    clock: Clock


async def _desk(request: Request) -> CardsDesk:
    desk: CardsDesk = request.app.state.cards
    return desk


Desk = Annotated[CardsDesk, Depends(_desk)]
Version = Annotated[int, Query(ge=0)]


class Changed(BaseModel):
    """A card after a change: its id and the version of its stream."""

    card_id: str
    version: int


class Stated(Changed):
    """Besides, what the holder should know: cards of this account with the same names and birth date, by their ids."""

    alike: list[str]


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
async def add_patient_card(typed: CardToAdd, signed_in: SignedIn, desk: Desk, request: Request) -> Stated:
    """Add a relative's card; the same `request_id` again answers alike and adds nothing.

    409 `number-taken` where another card of the account has the СНИЛС or the policy; `conflicts_with` beside the field
    is its id. The same names and birth date are no hindrance: the answer's `alike` tells of them.
    """
    account_id, family = signed_in.account_id, await desk.cards.of_account(signed_in.account_id)
    command = AddPatientCard(
        account_id,
        typed.relation,
        typed.person(),
        confirmed_of_holder(account_id, family),
    )
    return await _state(added_card_id(account_id, typed.request_id), command, family, desk, request)


@router.get("/{card_id}")
async def read_patient_card(
    card_id: UUID, signed_in: SignedIn, desk: Desk, version: Version | None = None
) -> PatientCardView:
    """One card; a removed one answers 409 `card-removed`, one's own that is still being made 404 `card-being-made`."""
    return view_of(await found_card(card_id, signed_in.account_id, desk, version or 0), desk.clock())


@router.put("/{card_id}")
async def correct_patient_card(
    card_id: UUID, typed: Correction, signed_in: SignedIn, desk: Desk, request: Request
) -> Stated:
    """State anew all that is stated on the card; 409 `card-changed` where it is no longer at `expected_version`.

    `number-taken` and `alike` as where a card is added.
    """
    account_id, family = signed_in.account_id, await desk.cards.of_account(signed_in.account_id)
    command = CorrectPatientCard(
        account_id,
        typed.expected_version,
        typed.relation,
        typed.person(),
        confirmed_of_holder(account_id, family),
    )
    return await _state(str(card_id), command, family, desk, request)


@router.delete("/{card_id}")
async def remove_patient_card(
    card_id: UUID, expected_version: Version, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """Remove the card; removing it again changes nothing."""
    return await carry_out(str(card_id), RemovePatientCard(signed_in.account_id, expected_version), desk, request)


@router.post("/{card_id}/restoration")
async def restore_patient_card(
    card_id: UUID, how: Restoration, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """Bring a removed card back, with what was stated on it or, one's own, anew.

    409 `restoration-over` after 30 days, `number-taken` where another card has its number by now.
    """
    return await carry_out(str(card_id), RestorePatientCard(signed_in.account_id, how.anew), desk, request)


@router.get("/{card_id}/history")
async def read_card_history(card_id: UUID, signed_in: SignedIn, desk: Desk) -> list[HistoryRow]:
    """What changed on the card, by whom and when, newest first; a removed card's too."""
    await _find(card_id, signed_in.account_id, desk)
    return await desk.history.of_card(signed_in.account_id, str(card_id))


async def _state(
    card_id: str,
    command: AddPatientCard | CorrectPatientCard,
    family: Sequence[Document],
    desk: CardsDesk,
    request: Request,
) -> Stated:
    changed = await carry_out(card_id, command, desk, request)
    return Stated(**changed.model_dump(), alike=alike_to(command.person, card_id, family))


async def carry_out(card_id: str, command: Command, desk: CardsDesk, request: Request) -> Changed:
    """The change that the command makes; a refusal is a problem."""
    try:
        return Changed(card_id=card_id, version=await desk.commands.carry_out(card_id, command, origin_of(request)))
    except Refusal as refusal:
        raise problem_of(refusal) from None


async def found_card(card_id: UUID, account_id: str, desk: CardsDesk, version: int = 0) -> Document:
    """The account's card as the view has it, unless it is removed; that there is none is a problem."""
    document = await _find(card_id, account_id, desk, version)
    if is_removed(document):
        raise problem_of(CardRemoved())
    return document


async def _find(card_id: UUID, account_id: str, desk: CardsDesk, version: int = 0) -> Document:
    own = str(card_id) == holder_card_id(account_id)
    document = await find_card(desk.cards, account_id, str(card_id), version)
    if document and (own or not is_erased(document)):
        return document
    if own:
        raise Problem(404, "card-being-made", "Карта ещё создаётся. Обновите страницу через несколько секунд.")
    raise problem_of(NotFound())
