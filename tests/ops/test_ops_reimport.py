"""Bringing back into a log what its topic has of it: as it was, all of it, and never over another event."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from eventlog.documents import document_of, record_of
from eventlog.lease import Lease
from eventlog.seal import LogSealed
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import Topic
from ops.installation import Installation
from ops.problem import Problem
from ops.reimport import begin_anew, bring_back, require_stopped, seal, set_aside
from ops.survey import survey
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record, envelopes_of
from tests.ops.conftest import Publisher, World

LOG = "identity"


@pytest.fixture(autouse=True)
def _nobody_believes_the_log_to_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.reimport.UNTIL_KEPT_SECONDS", 0)


@pytest.fixture
def installation(at_night: Installation, topic: Topic) -> Installation:
    """One service with a log, which goes to the topic of this test."""
    return replace(at_night, databases={LOG: at_night.databases[LOG]}, topics=(topic,))


@pytest.fixture
async def store(world: World) -> EventStore:
    store = EventStore(world.databases[LOG], LOG)
    await store.prepare()
    return store


async def published(store: EventStore, publisher: Publisher, stream: str, numbers: Sequence[int]) -> list[Document]:
    """Events of a stream, in the log and in the topic; as the log has them."""
    envelopes = await envelopes_of(store, stream, numbers)
    await publish(publisher, envelopes)
    await store.events.update_many({"stream_id": stream}, {"$set": {"published": True}})
    return await store.events.find({"stream_id": stream}).sort("version", 1).to_list()


async def publish(publisher: Publisher, envelopes: Sequence[Envelope[Event]]) -> None:
    sent = [record_of(document_of(envelope)) for envelope in envelopes]
    await publisher.publish(*(Record(record["key"], record["value"], record["headers"]) for record in sent))


async def test_what_is_missing_comes_back_as_it_was_and_the_log_stays_sealed(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    documents = await published(store, publisher, "one", [1, 2, 3]) + await published(store, publisher, "two", [1])
    await publisher.publish(Record(b"one", b"no event", []))
    await store.events.delete_many({"$or": [{"stream_id": "one", "version": {"$gt": 1}}, {"stream_id": "two"}]})
    found = await survey(installation, LOG)
    assert (found.records, found.missing, found.lacking.streams()) == (5, 3, ["one", "two"])
    assert await store.events.count_documents({}) == 1, "a survey changes nothing"

    for _ in range(2):  # called again it changes nothing more
        await seal(installation, LOG)
        await bring_back(installation, LOG, found)
    there = await store.events.find().sort([("stream_id", 1), ("version", 1)]).to_list()
    assert there == sorted(documents, key=lambda document: (document["stream_id"], document["version"]))
    noted = {note["_id"]: note["known"] async for note in store.database["reimported"].find()}
    assert noted == {"one": 1, "two": 0}
    with pytest.raises(LogSealed):
        await EventStore(store.database, LOG).append("three", [event(1)], expected_version=0, origin=ORIGIN)
    assert not (await survey(installation, LOG)).missing


async def test_a_database_of_which_nothing_is_left_comes_back_from_its_topic(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    documents = await published(store, publisher, "one", [1, 2])
    await store.database.client.drop_database(store.database.name)
    await seal(installation, LOG)
    await bring_back(installation, LOG, await survey(installation, LOG))
    assert await store.events.find().sort("version", 1).to_list() == documents
    assert "stream_id_1_version_1" in await store.events.index_information()


async def test_what_was_appended_since_is_in_the_way_until_it_is_set_aside(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    documents = await published(store, publisher, "one", [1, 2, 3])
    await store.events.delete_many({"version": {"$gt": 1}})
    await store.append("one", [event(8), event(9), event(10)], expected_version=1, origin=ORIGIN)
    found = await survey(installation, LOG)
    assert [conflict.version for conflict in found.conflicts] == [2, 3]
    assert await set_aside(installation, LOG, found) == 3
    await bring_back(installation, LOG, await survey(installation, LOG))
    assert await store.events.find().sort("version", 1).to_list() == documents
    aside = await store.database["set_aside"].find().sort("version", 1).to_list()
    assert [document["version"] for document in aside] == [2, 3, 4]


async def test_what_was_published_twice_is_not_set_aside(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    await published(store, publisher, "one", [1, 2])
    await store.events.delete_many({"version": 2})
    await store.append("one", [event(9)], expected_version=1, origin=ORIGIN)
    await store.events.update_many({}, {"$set": {"published": True}})
    with pytest.raises(Problem, match="published twice"):
        await set_aside(installation, LOG, await survey(installation, LOG))
    assert await store.events.count_documents({}) == 2


async def test_a_stream_of_which_a_version_is_nowhere_is_named(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    envelopes = await envelopes_of(store, "one", [1, 2, 3, 4])
    await publish(publisher, [envelopes[1], envelopes[3]])
    await store.events.delete_many({"version": {"$gt": 1}})
    assert (await survey(installation, LOG)).holes == {"one": 3}


async def test_many_are_brought_back_in_batches(
    store: EventStore, publisher: Publisher, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.batches.AT_ONCE", 2)
    monkeypatch.setattr("eventlog.tail.RECORDS_AT_ONCE", 3)
    streams = [f"stream {number}" for number in range(5)]
    documents = [document for stream in streams for document in await published(store, publisher, stream, [1, 2])]
    await store.events.delete_many({"$or": [{"version": 2}, {"stream_id": streams[-1]}]})
    found = await survey(installation, LOG)
    assert (found.missing, len(found.lacking)) == (6, 5)
    await bring_back(installation, LOG, found)
    assert await store.events.find().sort([("stream_id", 1), ("version", 1)]).to_list() == documents
    noted = {note["_id"]: note["known"] async for note in store.database["reimported"].find()}
    assert noted == {stream: int(stream != streams[-1]) for stream in streams}


async def test_an_event_that_is_in_the_topic_twice_comes_back_once(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    envelopes = await envelopes_of(store, "one", [1, 2, 3])
    await publish(publisher, [*envelopes, *envelopes])
    await store.events.delete_many({"version": {"$gt": 1}})
    found = await survey(installation, LOG)
    assert (found.missing, found.conflicts) == (2, [])
    await bring_back(installation, LOG, found)
    assert [envelope.id for envelope in await store.read("one")] == [envelope.id for envelope in envelopes]


async def test_a_hole_in_the_log_is_filled_and_what_was_known_behind_it_stays_known(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    documents = await published(store, publisher, "one", [1, 2, 3, 4])
    await store.events.delete_many({"version": {"$in": [2, 4]}})
    await bring_back(installation, LOG, await survey(installation, LOG))
    assert await store.events.find().sort("version", 1).to_list() == documents
    assert await store.database["reimported"].find().to_list() == [{"_id": "one", "known": 3}]


async def test_what_a_forgotten_process_appends_meanwhile_is_reported_and_not_lost(
    store: EventStore, publisher: Publisher, installation: Installation
) -> None:
    documents = await published(store, publisher, "one", [1, 2, 3])
    await store.events.delete_many({"version": {"$gt": 1}})
    found = await survey(installation, LOG)
    [appended] = await store.append("one", [event(9)], expected_version=1, origin=ORIGIN)
    with pytest.raises(Problem, match="Stream one got another version 2 while"):
        await bring_back(installation, LOG, found)
    found = await survey(installation, LOG)
    assert [conflict.version for conflict in found.conflicts] == [2]
    with pytest.raises(Problem, match="nothing was brought back"):
        await bring_back(installation, LOG, found)
    await set_aside(installation, LOG, found)
    await bring_back(installation, LOG, await survey(installation, LOG))
    assert await store.events.find().sort("version", 1).to_list() == documents
    assert [document["_id"] async for document in store.database["set_aside"].find()] == [appended.id]


async def test_nothing_is_done_while_the_service_runs(world: World, installation: Installation) -> None:
    lease = Lease(world.databases[LOG], "relay.identity.events", seconds=60)
    assert await lease.acquire()
    with pytest.raises(Problem, match="still runs"):
        await require_stopped(installation, LOG, patience=0)
    await lease.release()
    assert world.group(LOG) not in await require_stopped(installation, LOG, patience=0)


async def test_what_reads_begins_anew_and_what_was_dropped_stays_dropped(
    world: World, installation: Installation
) -> None:
    database = world.databases[LOG]
    await database["parked"].insert_many([{"_id": "parked"}, {"_id": "dropped", "dropped_at": 1}])
    await database["state_places"].insert_one({"_id": "state"})
    await begin_anew(installation, LOG, [])
    assert [document["_id"] async for document in database["parked"].find()] == ["dropped"]
    assert await database["state_places"].count_documents({}) == 0
