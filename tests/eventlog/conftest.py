"""What the log's tests share: databases and topics of their own on the real MongoDB and the real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.process import cancelled, open_client
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic
from tests.servers import RealServers, forget

ORIGIN = Origin("a test")


def event(number: int) -> PasswordChanged:
    """Any event; the number tells them apart."""
    return PasswordChanged(account_id="account", credential_version=number)


def number_of(envelope: Envelope[Event]) -> int:
    """The number given to `event`."""
    assert isinstance(envelope.event, PasswordChanged)
    return envelope.event.credential_version


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for what must come; fails the test where it does not."""
    async with asyncio.timeout(seconds):
        while not await condition():
            if cancelled():  # the timeout's own word got lost on the way
                raise asyncio.CancelledError
            await asyncio.sleep(0.05)


async def has_halted(logs: Sequence[Mapping[str, object]], reason: str) -> bool:
    """Whether the log says that a partition halts, and why."""
    return any(line["event"] == "partition_halts" and reason in str(line["reason"]) for line in logs)


@pytest.fixture
async def database(servers: RealServers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database, dropped afterwards."""
    async with open_client(servers.mongodb_uri) as client:
        name = f"test_{uuid4().hex}"
        yield client[name]
        await forget(client, name)


@pytest.fixture
async def store(database: AsyncDatabase[Document]) -> EventStore:
    """An empty log."""
    store = EventStore(database, "identity")
    await store.prepare()
    return store


@pytest.fixture
async def topic(servers: RealServers) -> AsyncIterator[Topic]:
    """An empty topic of three partitions, deleted afterwards."""
    topic = Topic(f"test.{uuid4().hex}", "stream", "identity", (), (PasswordChanged,), partitions=3)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic.name, topic.partitions, 1)])
        yield topic
        await admin.delete_topics([topic.name])
    finally:
        await admin.close()


@pytest.fixture
async def read_topic(servers: RealServers) -> Callable[[Topic, int], Awaitable[list[tuple[str, str]]]]:
    """Read `count` committed records of a topic from its beginning, as (key, stream version)."""

    async def read(topic: Topic, count: int) -> list[tuple[str, str]]:
        consumer = AIOKafkaConsumer(
            topic.name,
            bootstrap_servers=servers.bootstrap_servers,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()
        records: list[tuple[str, str]] = []
        try:
            async with asyncio.timeout(20):
                while len(records) < count:
                    record = await consumer.getone()
                    records.append((record.key.decode(), dict(record.headers)["ce_streamversion"].decode()))
        finally:
            await consumer.stop()
        return records

    return read
