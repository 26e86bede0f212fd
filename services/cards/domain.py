"""The domain of patient cards: what a holder may do with a card, and what then has happened. Pure; open this first.

A card's stream holds what its holder stated. The holder's own card needs no stream to exist: Gosuslugi made it, and
its stream begins with the first thing the holder does to it. A relative's card begins with `PatientCardAdded`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never, cast

from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
    holder_card_id,
)
from medonline_contracts.envelope import Event
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    ErasePatientCard,
    RemovePatientCard,
    RestorePatientCard,
    TakeFromEsia,
)
from services.cards.likeness import newly_shared, numbers_of
from services.cards.limits import states_too_often
from services.cards.refusals import (
    AddedAlready,
    AlreadyThere,
    CardChanged,
    CardRemoved,
    NotFound,
    NothingConfirmed,
    NotOwnCard,
    NumberTaken,
    RestorationOver,
    TooManyChanges,
    Unacceptable,
)
from services.cards.retention import is_over
from services.cards.statement import NOTHING_STATED, faults, on_record


@dataclass(frozen=True, slots=True)
class PatientCard:
    """A card as its stream tells it; `version` is the number of events in it."""

    account_id: str
    relation: Relation
    person: StatedPerson = NOTHING_STATED
    removed: bool = False
    removed_at: datetime | None = None
    erased: bool = False
    version: int = 0

    @property
    def takes_a_place(self) -> bool:
        """Whether it counts among an account's `MOST_RELATIVES`: removed ones do, because they can come back."""
        return self.relation is not Relation.SELF and not self.erased

    def numbers(self) -> dict[str, str]:
        """The СНИЛС and ЕНП that no other card of the account may have, by field; a removed card's are free."""
        return {} if self.removed else numbers_of(self.person)


def before_all_events(card_id: str, account_id: str) -> PatientCard | None:
    """What a holder finds under an id that has no stream: their own card, or nothing."""
    return PatientCard(account_id, Relation.SELF) if card_id == holder_card_id(account_id) else None


def evolve(card: PatientCard | None, event: Event) -> PatientCard:
    """The card after the event."""
    happened = cast(CardEvent, event)
    # Only the holder's own card can be removed before anything was stated on it.
    before = card or PatientCard(happened.account_id, Relation.SELF)
    version = before.version + 1
    match happened:
        case PatientCardAdded() | PatientCardCorrected() | PatientCardRestored():
            return PatientCard(happened.account_id, happened.relation, happened.person, version=version)
        case PatientCardRemoved():
            return replace(before, removed=True, removed_at=happened.removed_at, version=version)
        case PatientCardErased():
            return replace(before, person=NOTHING_STATED, removed=True, erased=True, version=version)
        case _:
            assert_never(happened)


def decide(card: PatientCard | None, command: Command, now: datetime) -> list[CardEvent]:
    """The events that the command leads to: none where it changes nothing. Raises a `Refusal`."""
    events = _decided(card, command, now)
    if states_too_often(card.version if card else 0, events):
        raise TooManyChanges
    return events


def _decided(card: PatientCard | None, command: Command, now: datetime) -> list[CardEvent]:
    match command:
        case AddPatientCard():
            return _add(card, command, now)
        case CorrectPatientCard():
            return _correct(of_account(card, command.account_id), command, now)
        case TakeFromEsia():
            return _take(of_account(card, command.account_id), command)
        case RemovePatientCard():
            return _remove(of_account(card, command.account_id), command, now)
        case RestorePatientCard():
            return _restore(of_account(card, command.account_id), command, now)
        case ErasePatientCard():
            return _erase(card, now)
        case _:
            assert_never(command)


def of_account(card: PatientCard | None, account_id: str) -> PatientCard:
    """The card, if it is there for this account. Raises `NotFound`."""
    if card is None or card.account_id != account_id or (card.erased and card.relation is not Relation.SELF):
        raise NotFound
    return card


def _add(card: PatientCard | None, command: AddPatientCard, now: datetime) -> list[CardEvent]:
    person = on_record(command.relation, command.person, now)
    if card:
        of_account(card, command.account_id)
        if (card.relation, card.person, card.removed) != (command.relation, person, False):
            raise AddedAlready
        return []  # the same request again: its card is there
    if errors := faults(Relation.OTHER, command.relation, person, now):
        raise Unacceptable(errors)
    if typed := newly_shared(NOTHING_STATED, person, command.confirmed):
        raise NumberTaken(dict.fromkeys(typed, holder_card_id(command.account_id)))
    return [PatientCardAdded(account_id=command.account_id, relation=command.relation, person=person)]


def _correct(card: PatientCard, command: CorrectPatientCard, now: datetime) -> list[CardEvent]:
    if card.removed:
        raise CardRemoved
    person = on_record(command.relation, command.person, now)
    if (card.relation, card.person) == (command.relation, person):
        return []
    if card.version != command.expected_version:
        raise CardChanged
    if errors := faults(card.relation, command.relation, person, now):
        raise Unacceptable(errors)
    if card.relation is not Relation.SELF and (typed := newly_shared(card.person, person, command.confirmed)):
        raise NumberTaken(dict.fromkeys(typed, holder_card_id(card.account_id)))
    return [PatientCardCorrected(account_id=card.account_id, relation=command.relation, person=person)]


def _take(card: PatientCard, command: TakeFromEsia) -> list[CardEvent]:
    if card.relation is not Relation.SELF:
        raise NotOwnCard
    if card.removed:
        raise CardRemoved
    if getattr(command.confirmed, command.field) is None:
        raise NothingConfirmed
    if getattr(card.person, command.field) is None:
        return []
    if card.version != command.expected_version:
        raise CardChanged
    person = card.person.model_copy(update={command.field: None})
    return [PatientCardCorrected(account_id=card.account_id, relation=card.relation, person=person)]


def _remove(card: PatientCard, command: RemovePatientCard, now: datetime) -> list[CardEvent]:
    if card.removed:
        return []
    if card.version != command.expected_version:
        raise CardChanged
    return [PatientCardRemoved(account_id=card.account_id, removed_at=now)]


def _restore(card: PatientCard, command: RestorePatientCard, now: datetime) -> list[CardEvent]:
    if not card.removed:
        raise AlreadyThere
    if command.anew and card.relation is not Relation.SELF:
        raise NotOwnCard
    if command.anew:
        return [PatientCardAdded(account_id=card.account_id, relation=Relation.SELF, person=NOTHING_STATED)]
    if card.erased or is_over(card.removed_at, now):
        raise RestorationOver
    return [PatientCardRestored(account_id=card.account_id, relation=card.relation, person=card.person)]


def _erase(card: PatientCard | None, now: datetime) -> list[CardEvent]:
    if card and card.removed and not card.erased and is_over(card.removed_at, now):
        return [PatientCardErased(account_id=card.account_id)]
    return []
