"""Whatever a holder does, in whatever order and how much of it at once: the log holds just the numbers of the cards."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document, EventStore
from medonline_contracts.cards import Relation, StatedPerson
from medonline_contracts.envelope import Origin
from services.cards.card_numbers import CardNumbers
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    JoinPatientCards,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.domain import PatientCard, evolve
from services.cards.erasures import Erasures
from services.cards.handler import CardCommands
from services.cards.refusals import Refusal
from tests.cards.people import ACCOUNT, CHILD, OTHER_ACCOUNT, OWN_CARD

SNILS = (None, "112-233-445 95", "134-940-005 39")
ENP = (None, "2600000000000000", "7700000000000008")
RELATIVES = [f"5a1c9e52-0000-5000-8000-0000000000{number}0" for number in range(1, 5)]
CONFIRMED = StatedPerson(snils="134-940-005 39")
ORIGIN = Origin("a test")
ROUNDS, AT_ONCE = 15, 4


class Family:
    """One account's cards and whoever changes them."""

    def __init__(self, database: AsyncDatabase[Document], seed: int) -> None:
        self.store = EventStore(database, "cards")
        numbers = CardNumbers(self.store.reservations, b"a key")
        self.commands = CardCommands(self.store, numbers, Erasures(database), lambda: datetime.now(UTC))
        self._random = Random(seed)

    async def card(self, card_id: str) -> PatientCard | None:
        card: PatientCard | None = None
        for envelope in await self.store.read(card_id):
            card = evolve(card, envelope.event)
        return card

    async def do_something(self) -> None:
        card_id = self._random.choice([OWN_CARD, *RELATIVES])
        card = await self.card(card_id)
        with suppress(Refusal):
            if card_id != OWN_CARD and card and self._random.random() < 0.2:
                await self.commands.join(card_id, JoinPatientCards(ACCOUNT, card.version, CONFIRMED), ORIGIN)
            else:
                await self.commands.carry_out(card_id, self._command(card_id, card), ORIGIN)

    def _command(self, card_id: str, card: PatientCard | None) -> Command:
        numbers = {"snils": self._random.choice(SNILS), "enp": self._random.choice(ENP)}
        person, own = CHILD.model_copy(update=numbers), card_id == OWN_CARD
        if card is None and not own:
            return AddPatientCard(ACCOUNT, Relation.CHILD, person)
        if card and card.removed:
            return RestorePatientCard(ACCOUNT, anew=own and self._random.random() < 0.5)
        version = card.version if card else 0
        if self._random.random() < 0.3:
            return RemovePatientCard(ACCOUNT, version)
        return CorrectPatientCard(ACCOUNT, version, Relation.SELF if own else Relation.CHILD, person)


@pytest.mark.parametrize("seed", range(3))
async def test_the_numbers_held_are_those_of_the_cards_that_are_there(
    database: AsyncDatabase[Document], seed: int
) -> None:
    family = Family(database, seed)
    await family.store.prepare()
    foreign = AddPatientCard(OTHER_ACCOUNT, Relation.CHILD, CHILD)
    await family.commands.carry_out("a foreign card", foreign, ORIGIN)
    for _ in range(ROUNDS):
        await asyncio.gather(*(family.do_something() for _ in range(AT_ONCE)))
        cards = {card_id: await family.card(card_id) for card_id in (OWN_CARD, *RELATIVES)}
        stated = Counter(number for card in cards.values() if card for number in card.numbers().items())
        held = Counter([document["stream_id"] async for document in database["reservations"].find()])
        assert set(stated.values()) <= {1}
        assert held == {"a foreign card": 1} | {
            id: len(card.numbers()) for id, card in cards.items() if card and card.numbers()
        }
