"""Where the traps are set: a topic and a group of their own on the real Kafka, and the events that go through them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from eventlog.access import KafkaAccess
from eventlog.documents import document_of, record_of
from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic

POISON = 13  # the number whose handler fails, and whose projection


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to be sent; `number` tells the events apart, and is a stream of its own."""

    value: bytes | None
    key: bytes
    headers: Sequence[tuple[str, bytes | None]]
    partition: int = 0
    timestamp_ms: int | None = None


def envelope(number: int, *, stream: str | None = None, version: int = 1) -> Envelope[Event]:
    """An event that bears this number."""
    return Envelope(
        id=f"00000000-0000-7000-8000-{number:012}",
        source="/medonline/traps",
        stream_id=stream or f"stream-{number}",
        version=version,
        time=datetime(2026, 11, 22, tzinfo=UTC),
        origin=Origin("a trap"),
        event=PasswordChanged(account_id="account", credential_version=number),
    )


def sent(number: int, **place: Any) -> Sent:
    """The event of this number as the relay would send it."""
    return Sent(**record_of(document_of(envelope(number))), **place)


@dataclass(frozen=True, slots=True)
class Scene:
    """One topic of three partitions and one consumer group."""

    bootstrap_servers: str
    topic: Topic
    admin: AIOKafkaAdminClient
    group: str = field(default="a.group")

    @property
    def kafka(self) -> KafkaAccess:
        """Kafka, open to all."""
        return KafkaAccess(self.bootstrap_servers)

    async def send(self, *records: Sent) -> None:
        """Send them in this order, each acknowledged."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap_servers) as producer:
            for record in records:
                await producer.send_and_wait(
                    self.topic.name,
                    record.value,
                    key=record.key,
                    headers=list(record.headers),
                    partition=record.partition,
                    timestamp_ms=record.timestamp_ms,
                )

    async def committed(self) -> dict[int, int]:
        """How far the group has come, in the partitions where it has come anywhere."""
        offsets = await self.admin.list_consumer_group_offsets(self.group)
        return {partition.partition: found.offset for partition, found in offsets.items() if found.offset > 0}

    async def commit(self, offset: int, partition: int = 0) -> None:
        """Let the group have come as far as this offset."""
        given = {"bootstrap_servers": self.bootstrap_servers, "group_id": self.group, "enable_auto_commit": False}
        async with AIOKafkaConsumer(**given) as consumer:
            place = TopicPartition(self.topic.name, partition)
            consumer.assign([place])
            await consumer.commit({place: offset})

    async def members(self) -> tuple[str, int]:
        """The state of the group as the broker tells it (Stable, PreparingRebalance, Empty …), and its members."""
        (answer,) = await self.admin.describe_consumer_groups([self.group])
        (described,) = answer.to_object()["groups"]
        return described["state"], len(described["members"])

    async def values(self, topic: str | None = None) -> list[bytes | None]:
        """What stands in a topic now, aborted transactions included."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers) as consumer:
            name = topic or self.topic.name
            places = [TopicPartition(name, number) for number in await self._partitions(name)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[bytes | None] = []
            while any([await consumer.position(place) < ends[place] for place in places]):
                batches = await consumer.getmany(timeout_ms=100)
                found += [record.value for batch in batches.values() for record in batch]
            return found

    async def _partitions(self, topic: str) -> list[int]:
        (described,) = await self.admin.describe_topics([topic])
        return [partition["partition"] for partition in described["partitions"]]


async def has_come_to(scene: Scene, offsets: dict[int, int]) -> bool:
    """Whether the scene's group has committed these offsets."""
    return await scene.committed() == offsets


async def numbers_in(scene: Scene) -> list[int]:
    """The numbers that stand in the scene's topic."""
    return [number_in(value) for value in await scene.values() if value]


def number_in(value: bytes) -> int:
    """The number of an event, read from its record's value."""
    number = json.loads(value)["credential_version"]
    assert isinstance(number, int)
    return number
