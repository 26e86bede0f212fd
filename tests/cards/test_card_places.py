"""An account keeps so many relatives' cards and no more, however many are added at once; an erased one gives way."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document, EventStore
from medonline_contracts.cards import Relation, holder_card_id
from medonline_contracts.envelope import Origin
from services.cards.card_numbers import CardNumbers
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    ErasePatientCard,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.erasures import Erasures
from services.cards.handler import CardCommands
from services.cards.limits import MOST_RELATIVES
from services.cards.refusals import TooManyCards
from tests.cards.people import ACCOUNT, CHILD, NOTHING, OTHER_ACCOUNT

BARE = CHILD.model_copy(update={"snils": None})
PHONE = BARE.model_copy(update={"phone": "+79000000000"})


class Cards:
    """Commands on an empty log of which the account has taken all places but `free`."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.now = datetime(2026, 11, 21, 9, tzinfo=UTC)
        self.store = EventStore(database, "cards")
        self._places = database["card_places"]
        numbers = CardNumbers(self.store.reservations, b"a key")
        self._commands = CardCommands(self.store, numbers, Erasures(database), lambda: self.now)

    async def leave(self, free: int) -> None:
        taken = {"taken": MOST_RELATIVES - free}
        await self._places.replace_one({"_id": ACCOUNT}, taken, upsert=True)

    def carry_out(self, card_id: str, command: Command) -> Awaitable[int]:
        return self._commands.carry_out(card_id, command, Origin("a test"))

    def add(self, card_id: str = "", account_id: str = ACCOUNT) -> Awaitable[int]:
        return self.carry_out(card_id or str(uuid4()), AddPatientCard(account_id, Relation.CHILD, BARE))


@pytest.fixture
async def cards(database: AsyncDatabase[Document]) -> Cards:
    cards = Cards(database)
    await cards.store.prepare()
    return cards


async def test_of_many_cards_added_at_once_there_are_as_many_as_there_were_places(cards: Cards) -> None:
    await cards.leave(3)
    results = await asyncio.gather(*(cards.add() for _ in range(12)), return_exceptions=True)
    assert [result for result in results if isinstance(result, int)] == [1] * 3
    assert [type(result) for result in results if result != 1] == [TooManyCards] * 9
    assert await cards.store.events.count_documents({}) == 3


async def test_an_accounts_first_cards_are_all_added_at_once_and_anothers_count_apart(cards: Cards) -> None:
    await cards.leave(0)
    assert await asyncio.gather(*(cards.add(account_id=OTHER_ACCOUNT) for _ in range(5))) == [1] * 5


async def test_the_last_card_sent_twice_takes_one_place_and_is_there(cards: Cards) -> None:
    await cards.leave(1)
    card_id = str(uuid4())
    assert await cards.add(card_id) == await cards.add(card_id) == 1
    with pytest.raises(TooManyCards):
        await cards.add()


async def test_a_removed_card_keeps_its_place_until_it_is_erased(cards: Cards) -> None:
    await cards.leave(1)
    card_id = str(uuid4())
    await cards.add(card_id)
    await cards.carry_out(card_id, RemovePatientCard(ACCOUNT, 1))
    with pytest.raises(TooManyCards):
        await cards.add()
    cards.now += timedelta(days=31)
    await cards.carry_out(card_id, ErasePatientCard(ACCOUNT))
    await cards.add()
    with pytest.raises(TooManyCards):
        await cards.add()


async def test_a_correction_a_restoration_and_ones_own_card_take_no_place(cards: Cards) -> None:
    await cards.leave(1)
    card_id, own_id = str(uuid4()), holder_card_id(ACCOUNT)
    await cards.add(card_id)
    await cards.carry_out(card_id, CorrectPatientCard(ACCOUNT, 1, Relation.CHILD, PHONE))
    await cards.carry_out(card_id, RemovePatientCard(ACCOUNT, 2))
    assert await cards.carry_out(card_id, RestorePatientCard(ACCOUNT)) == 4
    await cards.carry_out(own_id, RemovePatientCard(ACCOUNT, 0))
    assert await cards.carry_out(own_id, RestorePatientCard(ACCOUNT, anew=True)) == 2
    assert await cards.carry_out(own_id, CorrectPatientCard(ACCOUNT, 2, Relation.SELF, NOTHING)) == 2
