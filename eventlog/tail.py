"""The tail of a topic: what stands in it behind a place, held against the log that it ought to have come from.

Read by partition numbers and offsets, of no consumer group; committed records alone, as all subscribers see them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern

from eventlog.access import KafkaAccess
from eventlog.listener import TopicMissing
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, NewerVersion, Unreadable
from medonline_contracts.headers import CAUSATION_ID, CORRELATION_ID, ID, SOURCE, TIME, TRACEPARENT, TYPE
from medonline_contracts.topics import Topic
from medonline_contracts.wire import parse, version_in

FIRST_LOOK = 5_000  # offsets of each partition; more than a batch of the relay, with what it tried in vain before
RECORDS_AT_ONCE = 2_000
NO_BACKUP = "If no backup was restored, do not reimport: somebody else writes to this topic"
POLL_MILLISECONDS = 50  # the marker of a transaction is passed without a record to report

Offsets = Mapping[int, int]


class TopicBehind(Exception):
    """A topic ends before what was written to it: it was made anew, or Kafka lost events."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Records held against a log: ids that it has and has not marked as published, and events it knows nothing of.

    Those are `unknown` where they can have come from it once, and `foreign` where they cannot, by source or type.
    """

    topic: Topic
    unmarked: list[str]
    unknown: list[ConsumerRecord]
    foreign: list[ConsumerRecord]

    def refusal(self) -> str | None:
        """Why nothing may be published behind these records; None where nothing is wrong."""
        service = self.topic.producer
        if self.foreign:
            return (
                f"{_place(self.foreign[0])} an event that cannot be of {service}, by its source or its type. Do not "
                "reimport: somebody else writes to this topic"
            )
        if self.unknown:
            return (
                f"{_place(self.unknown[0])} an event that the log of {service} does not know. Was a backup restored? "
                f"Bring the events back: `ops log reimport {service}`, docs/operations/restore.md. {NO_BACKUP}"
            )
        return None


class Tail:
    """A topic that can be read from anywhere."""

    def __init__(self, consumer: AIOKafkaConsumer, topic: Topic) -> None:
        self.topic = topic
        self._consumer = consumer
        self._places = {number: TopicPartition(topic.name, number) for number in range(topic.partitions)}
        consumer.assign(list(self._places.values()))

    async def firsts(self) -> Offsets:
        """The first offset of each partition."""
        found = await self._consumer.beginning_offsets(list(self._places.values()))
        return {number: found[place] for number, place in self._places.items()}

    async def ends(self) -> Offsets:
        """The offset behind the last committed record of each partition."""
        found = await self._consumer.end_offsets(list(self._places.values()))
        return {number: found[place] for number, place in self._places.items()}

    async def batches(self, starts: Offsets, ends: Offsets) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """The records from these offsets on and before those, each partition in its order."""
        for number, place in self._places.items():
            self._consumer.seek(place, starts[number])
        while any([await self._consumer.position(place) < ends[number] for number, place in self._places.items()]):
            fetched = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=RECORDS_AT_ONCE)
            for place, records in fetched.items():
                if wanted := [record for record in records if record.offset < ends[place.partition]]:
                    yield wanted


@asynccontextmanager
async def open_tail(kafka: KafkaAccess, topic: Topic) -> AsyncIterator[Tail]:
    """Raises KafkaError or OSError where no broker answers, `TopicMissing` where the topic is not there."""
    consumer = AIOKafkaConsumer(
        **kafka.options(), isolation_level="read_committed", enable_auto_commit=False, request_timeout_ms=10_000
    )
    try:
        await consumer.start()
        if topic.name not in await consumer.topics():
            raise TopicMissing(f"{topic.name}: create it with the contracts' partitions, or let us read it")
        yield Tail(consumer, topic)
    finally:
        await consumer.stop()


def starts_of(topic: Topic, saved: Mapping[str, int], firsts: Offsets, ends: Offsets) -> Offsets:
    """Where to begin: where the relay had come (`saved`, by partition), and a bounded piece of what it never knew.

    Raises `TopicBehind` where a partition ends before that.
    """
    starts = {}
    for number, end in ends.items():
        start = saved.get(str(number), end - FIRST_LOOK)
        if start > end:
            raise TopicBehind(
                f"{topic.name}/{number} ends at offset {end}, and {start} was reached: it was made anew, or Kafka lost "
                "events. Nothing more is published to it: docs/operations/kafka-lost.md"
            )
        starts[number] = max(start, firsts[number])
    return starts


async def compare(topic: Topic, events: AsyncCollection[Document], records: Sequence[ConsumerRecord]) -> Compared:
    """What the log knows of these records. Raises PyMongoError."""
    by_id = {_id_in(record): record for record in records}
    known = events.with_options(read_concern=ReadConcern("majority")).find(
        {"_id": {"$in": list(by_id)}}, {"published": 1}
    )
    marked = {document["_id"]: document["published"] async for document in known}
    compared = Compared(topic, [id for id, published in marked.items() if not published], [], [])
    for id, record in by_id.items():
        if id not in marked and is_event(record):
            (compared.unknown if is_of_log(topic, record) else compared.foreign).append(record)
    return compared


def is_event(record: ConsumerRecord) -> bool:
    """Whether readers may take it for an event: what the contracts cannot read, they pass over or park."""
    try:
        return isinstance(parse(record.key, record.headers, record.value), Envelope)
    except NewerVersion:
        return bool(_id_in(record) and version_in(record.headers))
    except Unreadable:
        return False


def is_of_log(topic: Topic, record: ConsumerRecord) -> bool:
    """Whether the event says that it is the producer's, and is of a type that the contracts declare for this topic."""
    told = dict(record.headers)
    declared = {_without_version(event.type_name()) for event in topic.events}
    of_type = _without_version((told.get(TYPE.name) or b"").decode(errors="replace"))
    return told.get(SOURCE.name) == f"/medonline/{topic.producer}".encode() and of_type in declared


def document_in(record: ConsumerRecord) -> Document:
    """An event of the topic as its log kept it: the inverse of `record_of`. It has been published, needless to say."""
    told = {name: raw.decode() for name, raw in record.headers if raw is not None}
    return {
        "_id": told[ID.name],
        "source": told[SOURCE.name],
        "stream_id": record.key.decode(),
        "version": version_in(record.headers),
        "type": told[TYPE.name],
        "time": datetime.fromisoformat(told[TIME.name]),
        "correlation_id": told.get(CORRELATION_ID.name, told[ID.name]),
        "causation_id": told.get(CAUSATION_ID.name),
        "traceparent": told.get(TRACEPARENT.name),
        "data": record.value.decode(),
        "published": True,
    }


def _without_version(type_name: str) -> str:
    return type_name.rpartition(".v")[0]


def _place(record: ConsumerRecord) -> str:
    return f"{record.topic}/{record.partition} holds, at offset {record.offset},"


def _id_in(record: ConsumerRecord) -> str:
    return (dict(record.headers).get(ID.name) or b"").decode(errors="replace")
