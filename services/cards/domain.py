"""The domain of patient cards: what a holder may do with a card, and what then has happened. Pure; open this first.

A card's stream holds what its holder stated. The holder's own card needs no stream to exist: Gosuslugi made it, and
its stream begins with the first thing the holder does to it. A relative's card begins with `PatientCardAdded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never, cast

from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
    holder_card_id,
)
from medonline_contracts.envelope import Event
from services.cards.statement import faults

MOST_CARDS = 200
NOTHING_STATED = StatedPerson()


@dataclass(frozen=True, slots=True)
class PatientCard:
    """A card as its stream tells it; `version` is the number of events in it."""

    account_id: str
    relation: Relation
    person: StatedPerson = NOTHING_STATED
    removed: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class AddPatientCard:
    """Add a relative's card; `cards_kept` is how many the account has already."""

    account_id: str
    relation: Relation
    person: StatedPerson
    cards_kept: int


@dataclass(frozen=True, slots=True)
class CorrectPatientCard:
    """State anew all that is stated on the card, as seen at `expected_version`."""

    account_id: str
    expected_version: int
    relation: Relation
    person: StatedPerson


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


Command = AddPatientCard | CorrectPatientCard | RemovePatientCard | RestorePatientCard


class Refusal(Exception):
    """The domain says no; nothing happens."""


class NotFound(Refusal):
    """There is no such card in this account; another account's answers alike."""


class CardChanged(Refusal):
    """The card is not at the expected version: it was changed meanwhile."""


class CardRemoved(Refusal):
    """The card is removed: it can only be restored."""


class AlreadyThere(Refusal):
    """The card is not removed, so there is nothing to restore."""


class AddedAlready(Refusal):
    """This request has added a card before, and that card says something else by now: nothing is added."""


class NotOwnCard(Refusal):
    """Only the holder's own card can be made anew: Gosuslugi fills it in."""


class TooManyCards(Refusal):
    """The account keeps `MOST_CARDS` already."""


class Unacceptable(Refusal):
    """What was stated cannot stand; `errors` has a sentence in Russian for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = dict(errors)


def before_all_events(card_id: str, account_id: str) -> PatientCard | None:
    """What a holder finds under an id that has no stream: their own card, or nothing."""
    return PatientCard(account_id, Relation.SELF) if card_id == holder_card_id(account_id) else None


def evolve(card: PatientCard | None, event: Event) -> PatientCard:
    """The card after the event."""
    happened = cast(CardEvent, event)
    version = card.version + 1 if card else 1
    match happened:
        case PatientCardAdded() | PatientCardCorrected() | PatientCardRestored():
            return PatientCard(happened.account_id, happened.relation, happened.person, version=version)
        case PatientCardRemoved():
            # Only the holder's own card can be removed before anything was stated on it.
            return replace(card or PatientCard(happened.account_id, Relation.SELF), removed=True, version=version)
        case _:
            assert_never(happened)


def decide(card: PatientCard | None, command: Command, now: datetime) -> list[CardEvent]:
    """The events that the command leads to: none where it changes nothing. Raises a `Refusal`."""
    match command:
        case AddPatientCard():
            return _add(card, command, now)
        case CorrectPatientCard():
            return _correct(_of_account(card, command.account_id), command, now)
        case RemovePatientCard():
            return _remove(_of_account(card, command.account_id), command)
        case RestorePatientCard():
            return _restore(_of_account(card, command.account_id), command)
        case _:
            assert_never(command)


def _of_account(card: PatientCard | None, account_id: str) -> PatientCard:
    if card is None or card.account_id != account_id:
        raise NotFound
    return card


def _add(card: PatientCard | None, command: AddPatientCard, now: datetime) -> list[CardEvent]:
    if card:
        _of_account(card, command.account_id)
        if (card.relation, card.person, card.removed) != (command.relation, command.person, False):
            raise AddedAlready
        return []  # the same request again: its card is there
    if errors := faults(Relation.OTHER, command.relation, command.person, now):
        raise Unacceptable(errors)
    if command.cards_kept >= MOST_CARDS:
        raise TooManyCards
    return [PatientCardAdded(account_id=command.account_id, relation=command.relation, person=command.person)]


def _correct(card: PatientCard, command: CorrectPatientCard, now: datetime) -> list[CardEvent]:
    if card.removed:
        raise CardRemoved
    if (card.relation, card.person) == (command.relation, command.person):
        return []
    if card.version != command.expected_version:
        raise CardChanged
    if errors := faults(card.relation, command.relation, command.person, now):
        raise Unacceptable(errors)
    return [PatientCardCorrected(account_id=card.account_id, relation=command.relation, person=command.person)]


def _remove(card: PatientCard, command: RemovePatientCard) -> list[CardEvent]:
    if card.removed:
        return []
    if card.version != command.expected_version:
        raise CardChanged
    return [PatientCardRemoved(account_id=card.account_id)]


def _restore(card: PatientCard, command: RestorePatientCard) -> list[CardEvent]:
    if not card.removed:
        raise AlreadyThere
    if not command.anew:
        return [PatientCardRestored(account_id=card.account_id, relation=card.relation, person=card.person)]
    if card.relation is not Relation.SELF:
        raise NotOwnCard
    return [PatientCardAdded(account_id=card.account_id, relation=Relation.SELF, person=NOTHING_STATED)]
