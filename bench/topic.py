"""The topic of a measurement: filled as our relay fills one, and made readable in one instant."""

from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from bench.cards import Record
from deploy.local.topics import create_topics
from eventlog.access import KafkaAccess
from medonline_contracts.topics import CARDS_EVENTS, Topic

LONGEST_TRANSACTION_MILLISECONDS = 600_000


def topic_called(name: str) -> Topic:
    """A topic like `cards.events`, under another name."""
    return Topic(name, "card_id", "cards", (), CARDS_EVENTS.events)


def producer_to(bootstrap_servers: str, topic: Topic) -> AIOKafkaProducer:
    """A transactional producer with the relay's settings, but for the time that a transaction may take."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        transactional_id=f"bench.{topic.name}",
        acks="all",
        compression_type="lz4",
        transaction_timeout_ms=LONGEST_TRANSACTION_MILLISECONDS,
    )


async def create(bootstrap_servers: str, topic: Topic) -> None:
    """Create the topic as the contracts would have it."""
    await create_topics(KafkaAccess(bootstrap_servers), [topic])


async def delete(bootstrap_servers: str, topic: Topic) -> None:
    """Delete the topic and what is in it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic.name])
    finally:
        await admin.close()


async def send(producer: AIOKafkaProducer, topic: Topic, records: Iterable[Record]) -> int:
    """Send within the producer's transaction; returns how many, when the broker has them all."""
    count = 0
    for record in records:
        await producer.send(topic.name, record.value, record.key, partition=record.partition, headers=record.headers)
        count += 1
    await producer.flush()
    return count


async def fill(bootstrap_servers: str, topic: Topic, records: Iterable[Record]) -> int:
    """Fill the topic in one transaction; returns with how many records."""
    producer = producer_to(bootstrap_servers, topic)
    await producer.start()
    try:
        async with producer.transaction():
            return await send(producer, topic, records)
    finally:
        await producer.stop()
