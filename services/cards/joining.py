"""The joining of two cards of one person: a relative's becomes part of the holder's own. Pure, part of the domain.

It happens where Gosuslugi brought a number that a relative's card had already. What the holder's own card lacks is
filled in from the other, which is then removed: for 30 days it can be restored as any removed card.
"""

from dataclasses import dataclass
from datetime import datetime

from medonline_contracts.cards import (
    PatientCardCorrected,
    PatientCardRemoved,
    Relation,
    StatedPerson,
    holder_card_id,
)
from services.cards.commands import JoinPatientCards
from services.cards.domain import PatientCard, of_account
from services.cards.likeness import shared_numbers
from services.cards.limits import states_too_often
from services.cards.refusals import CardChanged, CardRemoved, NotOnePerson, TooManyChanges


@dataclass(frozen=True, slots=True)
class Joining:
    """What happens to each of the two; the holder's own card may have nothing to take."""

    own: list[PatientCardCorrected]
    other: list[PatientCardRemoved]


def join(own: PatientCard, other: PatientCard | None, command: JoinPatientCards, now: datetime) -> Joining:
    """Decide on both cards. Raises a `Refusal`."""
    joined = of_account(other, command.account_id)
    if own.removed or joined.removed:
        raise CardRemoved
    if joined.relation is Relation.SELF or not shared_numbers(joined.person, command.confirmed):
        raise NotOnePerson
    if joined.version != command.expected_version:
        raise CardChanged
    person = _filled(own.person, joined.person, command.confirmed)
    corrected = PatientCardCorrected(account_id=own.account_id, relation=Relation.SELF, person=person)
    removed = PatientCardRemoved(account_id=own.account_id, removed_at=now, replaced_by=holder_card_id(own.account_id))
    gained = [corrected] if person != own.person else []
    if states_too_often(own.version, gained):
        raise TooManyChanges
    return Joining(gained, [removed])


def _filled(own: StatedPerson, other: StatedPerson, confirmed: StatedPerson) -> StatedPerson:
    """The own statement, and of the other's what neither it nor Gosuslugi says."""
    blank = [
        field
        for field in StatedPerson.model_fields.keys() - {"ground"}  # of oneself there is none
        if getattr(own, field) is None and getattr(confirmed, field) is None
    ]
    return own.model_copy(update={field: getattr(other, field) for field in blank})
