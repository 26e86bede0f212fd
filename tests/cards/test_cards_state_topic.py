"""What a hospital reads on `cards.state`: gone at the removal, there again at the restoration, and gone for good.

A record may come more than once (when the feed begins, what changed meanwhile is told again), so what counts is when
the word on a key becomes another.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer

from eventlog.store import EventStore
from medonline_contracts import Envelope, Tombstone, parse
from medonline_contracts.cards import PatientCardRemoved, PatientCardState
from medonline_contracts.envelope import Origin
from medonline_contracts.topics import CARDS_STATE
from tests.cards.asking import added, complete_list, registered, seen
from tests.cards.people import authenticated
from tests.cards.world import World
from tests.servers import RealServers


class Hospital:
    """Notes each word on a card's key that is another than the one before."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._said: dict[str, list[str]] = {}

    async def hears(self, card_id: str, count: int) -> list[str]:
        """The words on the card, once there are so many."""
        async with asyncio.timeout(60):
            while len(self._said.get(card_id, [])) < count:
                for records in (await self._consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        self._note(record.key, record.headers, record.value)
        return self._said[card_id]

    def _note(self, key: bytes, headers: list[tuple[str, bytes]], value: bytes | None) -> None:
        match parse(key, headers, value):
            case Tombstone(key=card_id):
                self._say(card_id, "gone")
            case Envelope(stream_id=card_id, event=PatientCardState(person=person)):
                self._say(card_id, str(person.stated and person.stated.given_name))

    def _say(self, card_id: str, word: str) -> None:
        words = self._said.setdefault(card_id, [])
        if words[-1:] != [word]:
            words.append(word)


@pytest.fixture
async def hospital(servers: RealServers) -> AsyncIterator[Hospital]:
    consumer = AIOKafkaConsumer(
        CARDS_STATE.name,
        bootstrap_servers=servers.bootstrap_servers,
        auto_offset_reset="latest",
        isolation_level="read_committed",
    )
    await consumer.start()
    await consumer.seek_to_end()
    yield Hospital(consumer)
    await consumer.stop()


async def test_a_card_is_said_to_be_gone_at_the_removal_and_is_there_again_at_the_restoration(
    world: World, hospital: Hospital
) -> None:
    holder = await registered(world)
    card_id = await added(holder)
    address = f"/api/cards/{card_id}"
    assert await hospital.hears(card_id, 1) == ["Анна-Мария"]
    await seen(holder, await holder.http.delete(address, params={"expected_version": 1}))
    assert await hospital.hears(card_id, 2) == ["Анна-Мария", "gone"]
    await seen(holder, await holder.http.post(f"{address}/restoration", json={}))
    assert await hospital.hears(card_id, 3) == ["Анна-Мария", "gone", "Анна-Мария"]


async def test_an_erased_card_stays_gone_whatever_gosuslugi_says(world: World, hospital: Hospital) -> None:
    holder = await registered(world)
    (own,) = (await complete_list(holder))["cards"]
    card_id = own["card_id"]
    assert await hospital.hears(card_id, 1) == ["None"]
    long_ago = datetime.now(UTC) - timedelta(days=31)
    removal = PatientCardRemoved(account_id=holder.account_id, removed_at=long_ago)
    store = EventStore(world.database, "cards")
    await store.append(card_id, [removal], expected_version=0, origin=Origin("a test"))
    due = {"_id": card_id, "account_id": holder.account_id, "due_at": long_ago + timedelta(days=30)}
    await world.database["erasures"].insert_one(due)
    await until_erased(world, card_id)
    await world.publish(holder.account_id, 3, authenticated(holder.account_id, family_name="Сосновский"))
    await complete_list(holder, account_version=3)
    assert await hospital.hears(await added(await registered(world)), 1) == ["Анна-Мария"]  # what came before is told
    assert await hospital.hears(card_id, 2) == ["None", "gone"]


async def until_erased(world: World, card_id: str) -> None:
    async with asyncio.timeout(60):
        while not await world.database["patient_cards"].find_one({"_id": card_id, "removed.version": 2}):
            await asyncio.sleep(0.1)
