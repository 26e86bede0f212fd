"""The commands: what a holder may ask for, as they reach the domain. Pure.

`confirmed` is what Gosuslugi says of the holder as far as it is known here; nothing while their own card is removed.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from medonline_contracts.cards import Relation, StatedPerson
from services.cards.statement import NOTHING_STATED

_ADDED_CARD = UUID("0d1f6c3e-8c1b-5b0e-9f0a-2b7d5e4c6a11")


def added_card_id(account_id: str, request_id: UUID) -> str:
    """The id of a card to be added: made of account and request, so that a request sent twice adds one card."""
    return str(uuid5(_ADDED_CARD, f"{account_id}:{request_id}"))


@dataclass(frozen=True, slots=True)
class AddPatientCard:
    """Add a relative's card."""

    account_id: str
    relation: Relation
    person: StatedPerson
    confirmed: StatedPerson = NOTHING_STATED


@dataclass(frozen=True, slots=True)
class CorrectPatientCard:
    """State anew all that is stated on the card, as seen at `expected_version`."""

    account_id: str
    expected_version: int
    relation: Relation
    person: StatedPerson
    confirmed: StatedPerson = NOTHING_STATED


@dataclass(frozen=True, slots=True)
class TakeFromEsia:
    """Let Gosuslugi's word hold for this field of one's own card: what one stated oneself goes."""

    account_id: str
    expected_version: int
    field: str
    confirmed: StatedPerson


@dataclass(frozen=True, slots=True)
class RemovePatientCard:
    """Remove the card as seen at `expected_version`."""

    account_id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class RestorePatientCard:
    """Bring a removed card back: with what was stated on it, or (one's own only) anew, with nothing stated."""

    account_id: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class ErasePatientCard:
    """Erase the card, if the time in which it could be restored is over. The timer asks for it, nobody else."""

    account_id: str


@dataclass(frozen=True, slots=True)
class JoinPatientCards:
    """Join a relative's card, as seen at `expected_version`, with one's own: Gosuslugi says that it is one person."""

    account_id: str
    expected_version: int
    confirmed: StatedPerson


Command = AddPatientCard | CorrectPatientCard | TakeFromEsia | RemovePatientCard | RestorePatientCard | ErasePatientCard
