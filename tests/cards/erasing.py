"""Commands and timers on an empty log, beside a clock that a test sets: for what happens to removed cards."""

from datetime import UTC, datetime, timedelta

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.lease import Lease
from eventlog.store import Document, EventStore
from medonline_contracts.cards import Relation
from medonline_contracts.envelope import Origin
from services.cards.card_numbers import CardNumbers
from services.cards.commands import AddPatientCard, RemovePatientCard
from services.cards.erasure_timer import ErasureTimer
from services.cards.erasures import Erasures
from services.cards.handler import CardCommands
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD

REMOVED_AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
A_MONTH_LATER = REMOVED_AT + timedelta(days=30, seconds=1)
ORIGIN = Origin("a test")


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = REMOVED_AT

    def __call__(self) -> datetime:
        return self.now


class Cards:
    """Commands and a timer on an empty log."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.clock = Clock()
        self.store = EventStore(database, "cards")
        self.erasures = Erasures(database)
        numbers = CardNumbers(self.store.reservations, b"a key")
        self.commands = CardCommands(self.store, numbers, self.erasures, self.clock)
        self.timers = [
            ErasureTimer(self.erasures, self.commands, Lease(database, "erasures", seconds=60), self.clock)
            for _ in range(2)
        ]

    async def remove_a_card(self, card_id: str = CHILD_CARD) -> None:
        adding = AddPatientCard(ACCOUNT, Relation.CHILD, CHILD.model_copy(update={"snils": None}))
        await self.commands.carry_out(card_id, adding, ORIGIN)
        await self.commands.carry_out(card_id, RemovePatientCard(ACCOUNT, 1), ORIGIN)

    async def last_of(self, card_id: str = CHILD_CARD) -> type:
        return type((await self.store.read(card_id))[-1].event)
