"""Ops, survey: a service's whole topic held against its log: what the log lacks, and whether it can be brought back.

The whole of it, and not from where the relay had come: a backup that is not of one moment may have holes anywhere.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.listener import TopicMissing
from eventlog.store import Document
from eventlog.tail import Offsets, Tail, compare, document_in, open_tail
from medonline_contracts.topics import Topic
from ops.installation import Installation
from ops.problem import Exit, Problem, of_kafka

STREAMS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Missing:
    """An event that the topic holds and the log does not."""

    place: str
    id: str
    stream_id: str
    version: int
    type: str


@dataclass(slots=True)
class Survey:
    """What was found: `known` is the version up to which the log has each of the streams that lack something."""

    topic: Topic
    firsts: Offsets
    ends: Offsets
    records: int = 0
    missing: list[Missing] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def of_type(self, name: str) -> set[str]:
        """The streams that lack an event of this type."""
        return {event.stream_id for event in self.missing if f".{name}." in event.type}

    def types(self) -> dict[str, int]:
        """How many of each type are missing."""
        return dict(Counter(event.type for event in self.missing))

    def conflicts(self) -> list[Missing]:
        """What cannot be brought back, since its version is another event's, in the log or in the topic."""
        given_out: set[tuple[str, int]] = set()
        found = []
        for event in self.missing:
            place = event.stream_id, event.version
            if event.version <= self.known[event.stream_id] or place in given_out:
                found.append(event)
            given_out.add(place)
        return found

    def holes(self) -> Iterator[tuple[str, int]]:
        """The streams of which something is in neither, each with the first version that is nowhere."""
        versions: dict[str, set[int]] = defaultdict(set)
        for event in self.missing:
            versions[event.stream_id].add(event.version)
        for stream_id, there in versions.items():
            expected = self.known[stream_id] + 1
            while expected in there:
                expected += 1
            if max(there) > expected:
                yield stream_id, expected


async def survey(installation: Installation, service: str) -> Survey:
    """Read the topic from its beginning to its present end. Raises Problem where Kafka does not let us."""
    topic = events_topic(installation, service)
    events = installation.databases[service]["events"]
    async with tail_of(installation, topic) as tail:
        found = Survey(topic, await tail.firsts(), await tail.ends())
        async for records in tail.batches(found.firsts, found.ends):
            found.records += len(records)
            found.missing += [_missing(record) for record in (await compare(events, records)).unknown]
    found.known = await versions_of(events, sorted({event.stream_id for event in found.missing}))
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


async def versions_of(events: AsyncCollection[Document], streams: Sequence[str]) -> dict[str, int]:
    """The highest version that the log has of each of these streams; 0 where it has none."""
    known = dict.fromkeys(streams, 0)
    for start in range(0, len(streams), STREAMS_AT_ONCE):
        some = {"stream_id": {"$in": streams[start : start + STREAMS_AT_ONCE]}}
        by_stream = {"$group": {"_id": "$stream_id", "version": {"$max": "$version"}}}
        highest: list[Document] = [{"$match": some}, by_stream]
        known |= {found["_id"]: found["version"] async for found in await events.aggregate(highest)}
    return known


def _missing(record: ConsumerRecord) -> Missing:
    document = document_in(record)
    place = f"{record.topic}/{record.partition}@{record.offset}"
    return Missing(place, document["_id"], document["stream_id"], document["version"], document["type"])
