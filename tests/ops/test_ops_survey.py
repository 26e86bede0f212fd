"""What a log lacks, and what cannot be brought back into it: judged by the ids of events, for any log and any topic."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.documents import document_of, record_of
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic
from ops.lacking import Lacking
from ops.problem import Problem
from ops.reimport import bring_back
from ops.survey import Missing, Survey, survey
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record
from tests.ops.conftest import Publisher, World
from tests.servers import RealServers

LOG, STREAM = "identity", "stream"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOPIC = Topic("ops.survey", "stream", LOG, (), (PasswordChanged,), partitions=1)

Found = tuple[int, str]
"""A version, and which of the events that claim it: `a` or `b`."""

claims = st.sampled_from("aaab")
logs = st.dictionaries(st.integers(1, 5), claims)
topics = st.lists(st.tuples(st.integers(1, 5), claims), max_size=12)


def unknown(log: dict[int, str], topic: Sequence[Found]) -> list[Found]:
    return [found for found in topic if log.get(found[0]) != found[1]]


def contested(log: dict[int, str], topic: Sequence[Found]) -> set[int]:
    """The versions that two events claim."""
    claimed = {version: {id for other, id in [*log.items(), *topic] if other == version} for version, _ in topic}
    return {version for version, ids in claimed.items() if len(ids) > 1}


def nowhere(log: dict[int, str], topic: Sequence[Found]) -> int | None:
    there = set(log) | {version for version, _ in topic}
    return min(set(range(1, max(there) + 1)) - there, default=None)


@given(logs, topics)
def test_every_conflict_is_a_true_one_and_none_is_passed_over(log: dict[int, str], topic: list[Found]) -> None:
    found = Survey(TOPIC, {}, {})
    for version, id in unknown(log, topic):
        found.take(Missing("here", f"{version}{id}", STREAM, version, "type", NOW), log.get(version))
    assert {conflict.version for conflict in found.conflicts} == contested(log, topic)
    assert found.missing == len({version for version, _ in unknown(log, topic)}) == found.types.total()


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 10**18 - 1) | st.integers(1, 3), claims)))
def test_what_is_put_is_known_by_stream_version_and_id(events: list[tuple[str, int, str]]) -> None:
    lacking, first = Lacking(), dict[tuple[str, int], str]()
    for stream, version, id in events:
        expected = "new" if (stream, version) not in first else "again" if first[stream, version] == id else "other"
        first.setdefault((stream, version), id)
        assert lacking.put(stream, version, id) == expected
    assert lacking.streams() == sorted({stream for stream, _ in first})
    for stream in lacking.streams():
        assert list(lacking.versions(stream)) == sorted(version for name, version in first if name == stream)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(logs, topics.filter(bool))  # once a record is written the broker shows the topic to everybody
async def test_after_a_reimport_the_log_has_what_it_had_and_what_the_topic_has(
    world: World, publisher: Publisher, servers: RealServers, log: dict[int, str], topic: list[Found]
) -> None:
    events = await log_of(world, log)
    async with filled(servers, publisher, topic) as there:
        installation = replace(world.installation, databases={LOG: world.databases[LOG]}, topics=(there,))
        found = await survey(installation, LOG)
        missing = unknown(log, topic)
        assert {conflict.version for conflict in found.conflicts} == contested(log, topic)
        assert found.holes.get(STREAM) == (nowhere(log, topic) if missing else None)
        if found.conflicts:
            with pytest.raises(Problem, match="nothing was brought back"):
                await bring_back(installation, LOG, found)
        else:
            await bring_back(installation, LOG, found)
    brought_back = [] if found.conflicts else missing
    ids = {document["_id"] async for document in events.find()}
    assert ids == {f"{version}{id}" for version, id in [*log.items(), *brought_back]}


async def log_of(world: World, log: dict[int, str]) -> AsyncCollection[Document]:
    store = EventStore(world.databases[LOG], LOG)
    await store.prepare()
    await store.events.delete_many({})
    if log:
        await store.events.insert_many([document(found) for found in log.items()])
    return store.events


def document(found: Found) -> Document:
    version, id = found
    told: Envelope[Event] = Envelope(
        f"{version}{id}", f"/medonline/{LOG}", STREAM, version, NOW, ORIGIN, event(version)
    )
    return document_of(told)


@asynccontextmanager
async def filled(servers: RealServers, publisher: Publisher, topic: list[Found]) -> AsyncIterator[Topic]:
    """A topic with these events, one after another."""
    there = replace(publisher.topic, name=f"ops.{uuid4().hex}", partitions=1)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(there.name, there.partitions, 1)])
        sent = [record_of(document(found)) for found in topic]
        records = [Record(record["key"], record["value"], record["headers"]) for record in sent]
        await replace(publisher, topic=there).publish(*records)
        yield there
        await admin.delete_topics([there.name])
    finally:
        await admin.close()
