"""Carrying a command out: read the card's stream, decide, append; again when somebody else was first.

With the events change, in one transaction, the numbers that the card holds, its place among the account's cards, and
when it is to be erased.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.reservations import AlreadyReserved, Reservation
from eventlog.store import Also, ConcurrencyConflict, EventStore
from medonline_contracts.cards import CardEvent, PatientCardRemoved, holder_card_id
from medonline_contracts.envelope import Envelope, Event, Origin
from services.cards.card_numbers import CardNumbers
from services.cards.card_places import CardPlaces, NoPlace
from services.cards.commands import Command, JoinPatientCards
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.erasures import Erasures
from services.cards.joining import join
from services.cards.refusals import CardChanged, NumberTaken, TooManyCards

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Change:
    """A card before and after what was decided."""

    card_id: str
    before: PatientCard | None
    events: Sequence[CardEvent]

    @property
    def version(self) -> int:
        return self.before.version if self.before else 0

    @property
    def after(self) -> PatientCard:
        after = reduce(evolve, self.events, self.before)
        assert after is not None  # noqa: S101  there are events, or there was a card
        return after

    def released(self) -> dict[str, str]:
        """The numbers that the card gives up."""
        held = self.before.numbers() if self.before else {}
        return {field: number for field, number in held.items() if self.after.numbers().get(field) != number}


class CardCommands:
    """The commands' way into the log."""

    def __init__(
        self, store: EventStore, numbers: CardNumbers, erasures: Erasures, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._places = CardPlaces(store.database)
        self._numbers = numbers
        self._erasures = erasures
        self._clock = clock

    async def carry_out(self, card_id: str, command: Command, origin: Origin) -> int:
        """The stream's version afterwards. Raises the domain's `Refusal`."""
        for _ in range(_ATTEMPTS):
            card = await self._load(card_id, command.account_id)
            change = _Change(card_id, card, decide(card, command, self._clock()))
            if not change.events or await self._append(change, command.account_id, origin):
                return change.version + len(change.events)
        raise CardChanged

    async def join(self, card_id: str, command: JoinPatientCards, origin: Origin) -> tuple[int, int]:
        """Join the card with the holder's own; the versions of both afterwards, the own one's last."""
        own_id = holder_card_id(command.account_id)
        for _ in range(_ATTEMPTS):
            own, other = [await self._load(one, command.account_id) for one in (own_id, card_id)]
            assert own is not None  # noqa: S101  one's own is always there
            joining = join(own, other, command, self._clock())
            change, gain = _Change(card_id, other, joining.other), _Change(own_id, own, joining.own)
            if await self._append(change, command.account_id, origin, gain if gain.events else None):
                return change.after.version, gain.after.version
        raise CardChanged

    async def _load(self, card_id: str, account_id: str) -> PatientCard | None:
        card = before_all_events(card_id, account_id)
        return reduce(evolve, map(dated, await self._store.read(card_id)), card)

    async def _append(self, change: _Change, account_id: str, origin: Origin, gain: _Change | None = None) -> bool:
        """False where somebody else was first. `gain` is what the other card of a joining takes over."""
        last = gain or change
        numbers = last.after.numbers()
        reserve = self._numbers.reservations(account_id, numbers)
        try:
            await self._store.append(
                change.card_id,
                change.events,
                expected_version=change.version,
                origin=origin,
                release=self._numbers.reservations(account_id, change.released()),
                reserve=() if gain else reserve,
                also=self._also(change, gain, reserve, origin),
            )
        except ConcurrencyConflict:
            return False
        except AlreadyReserved:
            if taken := await self._numbers.taken(account_id, last.card_id, numbers):
                raise NumberTaken(taken) from None
            return False  # it has been given up meanwhile
        except NoPlace:
            if await self._places.all_taken(account_id):
                raise TooManyCards from None
            return False  # it was the account's first, or one has been erased meanwhile
        return True

    def _also(
        self, change: _Change, gain: _Change | None, reserve: Sequence[Reservation], origin: Origin
    ) -> Also | None:
        timed = self._erasures.following(change.card_id, change.before, change.after)
        placed = self._places.following(change.before, change.after)
        if not (timed or placed or gain):
            return None

        async def write(session: AsyncClientSession) -> None:
            for written in filter(None, (timed, placed)):
                await written(session)
            if gain is None:
                return
            await self._store.append_within(
                session,
                gain.card_id,
                gain.events,
                expected_version=gain.version,
                origin=origin,
                reserve=reserve,
            )

        return write


def dated(envelope: Envelope[Event]) -> Event:
    """A removal of before its time was written into the event happened when it was recorded."""
    event = envelope.event
    if isinstance(event, PatientCardRemoved) and event.removed_at is None:
        return event.model_copy(update={"removed_at": envelope.time})
    return event
