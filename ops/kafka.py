"""Ops, Kafka: the questions put to the broker: topics, offsets, groups; and the end of a group."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupIdNotFound,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.admin import DeleteGroupsRequest

from eventlog.access import KafkaAccess

REQUEST_MILLISECONDS = 8_000
AGAIN_SECONDS = 0.2
SET_ON_TOPIC = 1  # Kafka's ConfigSource DYNAMIC_TOPIC_CONFIG


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a consumer group: who it is, from where, and the partitions it has."""

    id: str
    host: str
    places: frozenset[TopicPartition]


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group: its members and how far they have come; `committed` holds the next offset to read."""

    name: str
    members: tuple[Member, ...]
    committed: dict[TopicPartition, int]

    def owner(self, place: TopicPartition) -> Member | None:
        """The member that has the partition."""
        return next((member for member in self.members if place in member.places), None)

    def topics(self) -> set[str]:
        """The topics that it reads, or has read."""
        return {place.topic for place in self.committed} | {p.topic for member in self.members for p in member.places}


@dataclass(frozen=True, slots=True)
class Extent:
    """What a partition holds: from the first offset to the one after the last that is committed."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of a topic: on how many brokers it is, and on how many of them current."""

    number: int
    replicas: int
    in_sync: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that holds for a topic; `of_topic`: it was set on this very topic, and not for all of them."""

    value: str | None
    of_topic: bool


class Kafka:
    """A broker that answers."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._admin = admin
        self._consumer = consumer

    @property
    def admin(self) -> AIOKafkaAdminClient:
        """The client, for what has no question of its own here."""
        return self._admin

    async def described(self, topics: Iterable[str]) -> dict[str, list[Partition]]:
        """The partitions of each topic; a topic that is not there is left out."""
        described = await self._admin.describe_topics(list(topics))
        return {
            topic["topic"]: [Partition(p["partition"], len(p["replicas"]), len(p["isr"])) for p in topic["partitions"]]
            for topic in described
            if not topic["error_code"]
        }

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each topic has; a topic that is not there is left out."""
        return {topic: len(partitions) for topic, partitions in (await self.described(topics)).items()}

    async def topic_names(self) -> list[str]:
        """All topics that this user may know of."""
        return sorted(await self._admin.list_topics())

    async def configuration(self, topic: str, names: Iterable[str]) -> dict[str, str]:
        """These settings of a topic, as they are."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(names))
        answers = await self._admin.describe_configs([resource])
        return {name: value for answer in answers for *_, entries in answer.resources for name, value, *_ in entries}

    async def settings(self, topic: str) -> dict[str, Setting]:
        """All settings of a topic."""
        answers = await self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return {
            name: Setting(value, source == SET_ON_TOPIC)
            for answer in answers
            for *_, entries in answer.resources
            for name, value, _read_only, source, *_ in entries
        }

    async def extents(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, Extent]:
        """What the partitions hold; each has to exist."""
        if not (asked := list(places)):
            return {}
        first, end = await self._consumer.beginning_offsets(asked), await self._consumer.end_offsets(asked)
        return {place: Extent(first[place], end[place]) for place in asked}

    async def places(self, topics: Iterable[str]) -> list[TopicPartition]:
        """All partitions of those of the topics that are there."""
        return [TopicPartition(t, n) for t, count in (await self.partitions(topics)).items() for n in range(count)]

    async def group_names(self) -> list[str]:
        """All consumer groups that the broker knows."""
        return sorted({name for name, *_ in await self._admin.list_consumer_groups()})

    async def group(self, name: str) -> Group:
        """A group as it is now; without members and offsets where the broker does not know it."""
        deadline = time.monotonic() + REQUEST_MILLISECONDS / 1000
        while True:
            try:
                return await self._group(name)
            except (GroupLoadInProgressError, NotCoordinatorForGroupError):  # it has just come to another broker
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)

    async def _group(self, name: str) -> Group:
        try:
            committed = await self._admin.list_consumer_group_offsets(name)  # first: of the two only this one raises
            described = await self._admin.describe_consumer_groups([name])
        except (GroupCoordinatorNotAvailableError, GroupIdNotFound):  # no group has ever been there
            return Group(name, (), {})
        members = [
            _member(member, protocol)
            for answer in described
            for _, _, _, protocol, _, those, *_ in answer.groups
            for member in those
        ]
        return Group(name, tuple(members), {place: at.offset for place, at in committed.items() if at.offset >= 0})

    async def delete_group(self, name: str) -> None:
        """Forget a group and its offsets; nothing where there is none. Raises KafkaError while it has members."""
        # aiokafka knows the request but has no method for it.
        coordinator = await self._admin.find_coordinator(name)
        answer = await self._admin._client.send(coordinator, DeleteGroupsRequest([name]))
        for _, code in answer.results:
            if code and code != GroupIdNotFound.errno:
                raise for_code(code)(name)


@asynccontextmanager
async def open_kafka(access: KafkaAccess) -> AsyncIterator[Kafka]:
    """Raises KafkaError, OSError or TimeoutError where no broker answers."""
    admin = AIOKafkaAdminClient(**access.options(), request_timeout_ms=REQUEST_MILLISECONDS)
    consumer = AIOKafkaConsumer(
        **access.options(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        request_timeout_ms=REQUEST_MILLISECONDS,
    )
    try:
        await admin.start()
        await consumer.start()
        yield Kafka(admin, consumer)
    finally:
        await consumer.stop()
        await admin.close()


def _member(described: tuple[str, str, str, bytes, bytes], protocol: str) -> Member:
    name, _client, host, _metadata, assignment = described
    if not assignment or protocol != "consumer":  # it is just joining, or no consumer, such as Kafka Connect
        return Member(name, host.lstrip("/"), frozenset())
    assigned = ConsumerProtocolMemberAssignment.decode(assignment).assignment
    return Member(name, host.lstrip("/"), frozenset(TopicPartition(t, n) for t, numbers in assigned for n in numbers))
