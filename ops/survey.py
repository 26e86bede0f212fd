"""Ops, survey: a service's whole topic held against its log: what the log lacks, and whether it can be brought back.

The whole of it, and not from where the relay had come: a backup that is not of one moment may have holes anywhere.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.listener import TopicMissing
from eventlog.store import Document
from eventlog.tail import Offsets, Tail, compare, document_in, open_tail
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import Topic
from ops.batches import in_batches
from ops.installation import Installation
from ops.lacking import Lacking
from ops.problem import Exit, Problem, of_kafka

Place = tuple[str, int]
"""A stream and a version in it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An event that the topic holds, at `place`, and the log does not."""

    place: str
    id: str
    stream_id: str
    version: int
    type: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """What cannot be brought back: its version is another event's, in the log or (`published_twice`) in the topic."""

    place: str
    id: str
    stream_id: str
    version: int
    published_twice: bool


@dataclass(slots=True)
class Survey:
    """What was found: of what is missing its number, and its streams with what they lack.

    `foreign` are the places of events that cannot have come from this log: they are never brought into it. `holes` are
    streams of which something is in neither, each with the first version that is nowhere.
    """

    topic: Topic
    firsts: Offsets
    ends: Offsets
    records: int = 0
    missing: int = 0
    lacking: Lacking = field(default_factory=Lacking)
    types: Counter[str] = field(default_factory=Counter)
    span: tuple[datetime, datetime] | None = None
    passwords: set[str] = field(default_factory=set)
    foreign: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    holes: dict[str, int] = field(default_factory=dict)

    def take(self, event: Missing, in_log: str | None) -> None:
        """Take note of an event whose id the log does not know; `in_log`: which it has with that stream and version."""
        there = self.lacking.put(event.stream_id, event.version, event.id)
        if there == "other" or (there == "new" and in_log):
            twice = there == "other"
            self.conflicts.append(Conflict(event.place, event.id, event.stream_id, event.version, twice))
        if there == "new":
            self.missing += 1
            self.types[event.type] += 1
            first, last = self.span or (event.written, event.written)
            self.span = min(first, event.written), max(last, event.written)
            if f".{PasswordSet.__name__}." in event.type:
                self.passwords.add(event.stream_id)

    def look_for_hole(self, stream_id: str, in_log: set[int]) -> None:
        """See whether each version of a stream is in the log or in the topic, up to the last one."""
        there = in_log.union(self.lacking.versions(stream_id))
        nowhere = next(version for version in count(1) if version not in there)
        if nowhere <= max(there):
            self.holes[stream_id] = nowhere


async def survey(installation: Installation, service: str) -> Survey:
    """Read the topic from its beginning to its present end. Raises Problem where Kafka does not let us."""
    topic = events_topic(installation, service)
    events = installation.databases[service]["events"]
    async with tail_of(installation, topic) as tail:
        found = Survey(topic, await tail.firsts(), await tail.ends())
        async for records in tail.batches(found.firsts, found.ends):
            found.records += len(records)
            compared = await compare(topic, events, records)
            found.foreign += [_place(record) for record in compared.foreign]
            missing = [_missing(record) for record in compared.unknown]
            given_out = await _given_out(events, missing)
            for event in missing:
                found.take(event, given_out.get((event.stream_id, event.version)))
    for streams in in_batches(found.lacking.streams()):
        versions = await _versions(events, streams)
        for stream_id in streams:
            found.look_for_hole(stream_id, versions[stream_id])
    return found


def events_topic(installation: Installation, service: str) -> Topic:
    """The topic that the service's log goes to. Raises Problem where there is no such service."""
    for topic in installation.topics:
        if topic.producer == service and "compact" not in topic.config.get("cleanup.policy", ""):
            return topic
    raise Problem(
        Exit.USAGE, f"No service with a log is called {service}: there are {', '.join(installation.databases)}."
    )


@asynccontextmanager
async def tail_of(installation: Installation, topic: Topic) -> AsyncIterator[Tail]:
    """The topic, to be read. Raises Problem."""
    try:
        async with open_tail(installation.kafka_access, topic) as tail:
            yield tail
    except TopicMissing as error:
        raise Problem(Exit.REFUSED, f"There is no topic {error}") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise of_kafka(error) from error


async def _given_out(events: AsyncCollection[Document], missing: Sequence[Missing]) -> dict[Place, str]:
    """The ids that the log has under streams and versions of these events."""
    if not missing:
        return {}
    streams, versions = ({event.stream_id for event in missing}, {event.version for event in missing})
    there = {"stream_id": {"$in": list(streams)}, "version": {"$in": list(versions)}}
    cursor = events.find(there, {"stream_id": 1, "version": 1})
    return {(found["stream_id"], found["version"]): found["_id"] async for found in cursor}


async def _versions(events: AsyncCollection[Document], streams: Sequence[str]) -> dict[str, set[int]]:
    """All versions that the log has of each of these streams."""
    versions: dict[str, set[int]] = {stream_id: set() for stream_id in streams}
    cursor = events.find({"stream_id": {"$in": streams}}, {"_id": 0, "stream_id": 1, "version": 1})
    async for found in cursor:
        versions[found["stream_id"]].add(found["version"])
    return versions


def _missing(record: ConsumerRecord) -> Missing:
    document = document_in(record)
    written = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Missing(
        _place(record), document["_id"], document["stream_id"], document["version"], document["type"], written
    )


def _place(record: ConsumerRecord) -> str:
    return f"{record.topic}/{record.partition}@{record.offset}"
