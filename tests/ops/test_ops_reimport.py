"""Bringing back into a log what its topic has of it: as it was, all of it, and never over another event."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from eventlog.lease import Lease
from eventlog.seal import LogSealed
from eventlog.store import Document, EventStore, document_of, record_of
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import Topic
from ops.credentials import let_go, outdated
from ops.installation import Installation
from ops.problem import Problem
from ops.reimport import begin_anew, bring_back, require_stopped, set_aside
from ops.survey import survey
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record, envelopes_of
from tests.ops.conftest import Publisher, World

LOG = "identity"


@pytest.fixture
def installation(world: World, topic: Topic) -> Installation:
    """One service with a log, which goes to the topic of this test."""
    databases = {LOG: world.databases[LOG]}
    return replace(world.installation, databases=databases, topics=(topic,))


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
    assert (found.records, len(found.missing), found.known) == (5, 3, {"one": 1, "two": 0})
    assert await store.events.count_documents({}) == 1, "a survey changes nothing"

    for _ in range(2):  # called again it changes nothing more
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
    assert [conflict.version for conflict in found.conflicts()] == [2, 3]
    assert await set_aside(installation, LOG, found) == 3
    assert (found.conflicts(), found.known) == ([], {"one": 1})
    await bring_back(installation, LOG, found)
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
    assert list((await survey(installation, LOG)).holes()) == [("one", 3)]


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


async def test_passwords_that_are_not_the_last_that_the_log_knows_no_longer_hold(world: World) -> None:
    store = EventStore(world.databases["settings"], "settings")
    held = {"current": 2, "older": 1, "of nobody": 1}
    for account_id, last in (("current", 2), ("older", 3)):
        versions = range(1, last + 1)
        said = [PasswordSet(account_id=account_id, credential_version=version, kept_session="") for version in versions]
        await store.append(account_id, said, expected_version=0, origin=ORIGIN)
    credentials = store.database["credentials"]
    await credentials.insert_many([{"_id": account_id, "version": version} for account_id, version in held.items()])
    found = await outdated(store.database)
    assert sorted(found) == [("of nobody", 1), ("older", 1)]
    await let_go(store.database, found)
    assert [document["_id"] async for document in credentials.find()] == ["current"]
