"""The HTTP door of what only one's own card can: to take Gosuslugi's word, and to take in a relative's card."""

from uuid import UUID

from fastapi import APIRouter, Request

from chassis.http import origin_of
from chassis.token import SignedIn
from medonline_contracts.cards import holder_card_id
from services.cards.api import Changed, Desk, carry_out
from services.cards.commands import JoinPatientCards, TakeFromEsia
from services.cards.family import confirmed_of_holder
from services.cards.problems import problem_of
from services.cards.refusals import Refusal
from services.cards.statement_input import CardToJoin, FieldToTake

router = APIRouter(prefix="/api/cards", tags=["cards"])


class Joined(Changed):
    """The relative's card, now removed, and the holder's own, each with the version of its stream."""

    own: Changed


@router.post("/{card_id}/confirmed-value")
async def take_from_esia(
    card_id: UUID, chosen: FieldToTake, signed_in: SignedIn, desk: Desk, request: Request
) -> Changed:
    """Let Gosuslugi's word hold for a field of one's own card: what one stated oneself goes; a second time it is gone.

    409 `nothing-confirmed` where Gosuslugi says nothing there, `not-own-card` on a relative's card.
    """
    confirmed = confirmed_of_holder(signed_in.account_id, await desk.cards.of_account(signed_in.account_id))
    command = TakeFromEsia(signed_in.account_id, chosen.expected_version, chosen.field, confirmed)
    return await carry_out(str(card_id), command, desk, request)


@router.post("/{card_id}/joining")
async def join_with_own_card(
    card_id: UUID, seen: CardToJoin, signed_in: SignedIn, desk: Desk, request: Request
) -> Joined:
    """Join a relative's card with one's own, where Gosuslugi says that both are of one person.

    What one's own lacks is taken over, and the relative's is removed: it can be restored for 30 days. 409
    `not-one-person` where they share no number that Gosuslugi confirmed.
    """
    account_id = signed_in.account_id
    confirmed = confirmed_of_holder(account_id, await desk.cards.of_account(account_id))
    command = JoinPatientCards(account_id, seen.expected_version, confirmed)
    try:
        version, own_version = await desk.commands.join(str(card_id), command, origin_of(request))
    except Refusal as refusal:
        raise problem_of(refusal) from None
    own = Changed(card_id=holder_card_id(account_id), version=own_version)
    return Joined(card_id=str(card_id), version=version, own=own)
