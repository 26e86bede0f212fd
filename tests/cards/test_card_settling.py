"""What is kept beside the cards' log comes back with the events that a backup lacks: as the appends had left it."""

from collections.abc import Mapping

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.settling import Settling
from eventlog.store import Document
from medonline_contracts.cards import Relation, StatedPerson
from services.cards.card_numbers import CardNumbers
from services.cards.card_places import CardPlaces
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    ErasePatientCard,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.settling import CardSettling
from tests.cards.erasing import A_MONTH_LATER, ORIGIN, Cards
from tests.cards.people import ACCOUNT, CHILD

ONE, TWO, THREE, FOUR = (f"5a1c9e52-0000-5000-8000-00000000000{number}" for number in range(1, 5))
NUMBERS = ("112-233-445 95", "134-940-005 39", "914-561-751 11")
BESIDE = ("reservations", "card_places", "erasures")

Beside = Mapping[str, list[Document]]


def child(number: str | None) -> StatedPerson:
    return CHILD.model_copy(update={"snils": number})


def add(number: str | None) -> Command:
    return AddPatientCard(ACCOUNT, Relation.CHILD, child(number))


def state(version: int, number: str | None) -> Command:
    return CorrectPatientCard(ACCOUNT, version, Relation.CHILD, child(number))


async def beside(database: AsyncDatabase[Document]) -> Beside:
    return {name: await database[name].find().sort("_id").to_list() for name in BESIDE}


async def settle(cards: Cards) -> None:
    """As a relay's turn does."""
    database = cards.store.database
    numbers = CardNumbers(cards.store.reservations, b"a key")
    settling = CardSettling(cards.store, numbers, CardPlaces(database), cards.erasures)
    await Settling(cards.store, settling.settle_stream).settle()


async def put_back(database: AsyncDatabase[Document], kept: Beside) -> None:
    for name, documents in kept.items():
        await database[name].delete_many({})
        if documents:
            await database[name].insert_many(documents)


async def restore(database: AsyncDatabase[Document], kept: Beside, known: Mapping[str, int]) -> None:
    """The older state beside a log that is whole again, as `ops log reimport` leaves it."""
    await put_back(database, kept)
    lengthened = database["events"].aggregate([{"$group": {"_id": "$stream_id", "version": {"$max": "$version"}}}])
    async for stream in await lengthened:
        if (before := known.get(stream["_id"], 0)) < stream["version"]:
            await database["reimported"].insert_one({"_id": stream["_id"], "known": before})


async def test_numbers_places_and_times_are_what_the_appends_had_left(cards: Cards) -> None:
    """Two swap their numbers, one is removed, one comes back, one is erased and gives its place to a new one."""
    one, two, three = NUMBERS
    do, database = cards.commands.carry_out, cards.store.database
    known = {ONE: await do(ONE, add(one), ORIGIN), TWO: await do(TWO, add(two), ORIGIN)}
    await do(THREE, add(three), ORIGIN)
    known[THREE] = await do(THREE, RemovePatientCard(ACCOUNT, 1), ORIGIN)
    backup = await beside(database)

    await do(ONE, state(1, None), ORIGIN)
    await do(TWO, state(1, one), ORIGIN)
    await do(ONE, state(2, two), ORIGIN)
    await do(ONE, RemovePatientCard(ACCOUNT, 3), ORIGIN)
    cards.clock.now = A_MONTH_LATER
    await do(THREE, ErasePatientCard(ACCOUNT), ORIGIN)
    await do(FOUR, add(three), ORIGIN)
    await do(FOUR, RemovePatientCard(ACCOUNT, 1), ORIGIN)
    await do(FOUR, RestorePatientCard(ACCOUNT), ORIGIN)
    left = await beside(database)
    assert left != backup

    await restore(database, backup, known)
    for _ in range(2):  # the second time there is nothing left to do
        await settle(cards)
        assert await beside(database) == left


async def back_to(cards: Cards, kept: Beside, later: Mapping[str, int]) -> list[Document]:
    """The log and what is beside it as they were; the answer are the events behind these versions."""
    database = cards.store.database
    behind = {"$or": [{"stream_id": card_id, "version": {"$gt": version}} for card_id, version in later.items()]}
    events = await database["events"].find(behind).to_list()
    await database["events"].delete_many(behind)
    await put_back(database, kept)
    return events


async def test_what_was_set_aside_leaves_nothing_beside_the_log(cards: Cards) -> None:
    """After a backup one card is removed and another one erased; before it was lost, they were not."""
    one, two, _ = NUMBERS
    do, database = cards.commands.carry_out, cards.store.database
    known = {ONE: await do(ONE, add(one), ORIGIN), TWO: await do(TWO, add(two), ORIGIN)}
    known[TWO] = await do(TWO, RemovePatientCard(ACCOUNT, 1), ORIGIN)
    backup = await beside(database)
    await do(ONE, state(1, None), ORIGIN)
    await do(TWO, RestorePatientCard(ACCOUNT), ORIGIN)
    left = await beside(database)

    published = await back_to(cards, backup, known)
    await do(ONE, RemovePatientCard(ACCOUNT, 1), ORIGIN)
    cards.clock.now = A_MONTH_LATER
    await do(TWO, ErasePatientCard(ACCOUNT), ORIGIN)
    aside = await back_to(cards, await beside(database), known)
    await database["set_aside"].insert_many(aside)
    await database["events"].insert_many(published)
    await database["reimported"].insert_many([{"_id": card_id, "known": known[card_id]} for card_id in known])
    assert await beside(database) != left
    for _ in range(2):
        await settle(cards)
        assert await beside(database) == left
