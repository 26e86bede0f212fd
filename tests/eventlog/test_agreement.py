"""A relay that knows what it wrote: what a crash left is healed, and how far it looks back is bounded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from eventlog.access import KafkaAccess
from eventlog.agreement import Agreement, PlaceLost
from eventlog.documents import record_of
from eventlog.seal import LogSealed, Seal
from eventlog.settling import Settling
from eventlog.store import EventStore
from eventlog.tail import FIRST_LOOK, Tail, open_tail
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.publishing import append, place_of, publish_all, versions_in
from tests.servers import RealServers


def written(topic: Topic, offset: int) -> RecordMetadata:
    return RecordMetadata(topic.name, 0, None, offset, None, None, None)


async def test_what_a_crash_left_unmarked_is_found_in_the_topic_and_not_sent_again(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    await append(store, "stream", 1, 3)
    await publish_all(store, topic, servers)
    await store.events.update_many({"version": {"$gt": 1}}, {"$set": {"published": False}})
    await store.database["relay_places"].update_one({}, {"$set": {"next": {"0": 0, "1": 0, "2": 0}}})
    await append(store, "stream", 4, 4)
    await publish_all(store, topic, servers)
    assert await versions_in(topic, servers) == [1, 2, 3, 4]


async def test_an_installation_without_a_place_begins_with_a_bounded_look(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    await append(store, "stream", 1, 3)
    await publish_all(store, topic, servers)
    await store.database["relay_places"].drop()
    await append(store, "stream", 4, 4)
    await publish_all(store, topic, servers)
    assert await versions_in(topic, servers) == [1, 2, 3, 4]
    assert max((await place_of(store, topic)).values()) >= 4


async def test_how_far_the_first_look_goes_is_bounded_by_offsets_and_not_by_the_topic(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    """What is further back than any batch of a relay may be anything, here it is another log's."""
    stranger = EventStore(store.database.client[f"{store.database.name}_other"], "identity")
    (foreign,) = await stranger.append("stream", [event(1)], expected_version=0, origin=ORIGIN)
    document = await stranger.events.find_one({"_id": foreign.id})
    assert document
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        await producer.send_and_wait(topic.name, partition=0, **record_of(document))
        for _ in range(FIRST_LOOK):
            await producer.send(topic.name, b"no event", key=b"stream", partition=0)
        await producer.flush()
    await store.database.client.drop_database(stranger.database.name)
    await append(store, "another", 1, 1)
    await publish_all(store, topic, servers)


async def test_what_no_relay_can_have_written_stops_none(store: EventStore, topic: Topic, servers: RealServers) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        await producer.send_and_wait(topic.name, b"{", key=b"stream", headers=[("ce_id", b"\xff")])
        await producer.send_and_wait(topic.name, None, key=b"stream")
    await append(store, "stream", 1, 1)
    await publish_all(store, topic, servers)


async def test_a_database_that_is_exchanged_under_a_running_relay_ends_its_turn(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.agreement.KEPT_EVERY_SECONDS", 0.0)
    agreement = Agreement(store, topic, servers.kafka)
    await agreement.require()
    await agreement.wrote([written(topic, 4)])
    await store.database["relay_places"].update_one({}, {"$set": {"next.0": 7}})
    with pytest.raises(PlaceLost):
        await agreement.wrote([written(topic, 5)])


@pytest.mark.parametrize("place", ["a place that was kept", "no place yet"])
async def test_a_log_that_is_sealed_while_its_relay_looks_back_stays_sealed_and_is_settled_at_the_next_look(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    settled = []

    async def forget() -> None:
        settled.append(place)

    @asynccontextmanager
    async def sealed_meanwhile(kafka: KafkaAccess, topic: Topic) -> AsyncIterator[Tail]:
        async with open_tail(kafka, topic) as tail:
            yield tail
        await Seal(store.database).close(topic.name, "brought back")

    agreement = Agreement(store, topic, servers.kafka)
    if place == "a place that was kept":
        await agreement.require()
    agreement.settling = Settling(store, forget=forget)
    with monkeypatch.context() as patched:
        patched.setattr("eventlog.agreement.open_tail", sealed_meanwhile)
        with pytest.raises(PlaceLost):
            await agreement.require()
    with pytest.raises(LogSealed):
        await append(store, "stream", 1, 1)
    assert settled == []
    await agreement.require()
    await append(store, "stream", 1, 1)
    assert settled == [place]


async def test_whether_a_log_holds_what_its_topic_does_can_be_asked_beside_the_relay(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    beside = Agreement(store, topic, servers.kafka)
    assert await beside.holds()
    await append(store, "stream", 1, 2)
    await publish_all(store, topic, servers)
    place = await place_of(store, topic)
    assert await beside.holds()
    await append(store, "stream", 3, 3)
    await publish_all(store, topic, servers)
    assert await beside.holds()

    lost = await store.events.find({"version": 3}).to_list()
    await store.events.delete_many({"version": 3})
    await store.database["relay_places"].replace_one({}, {"next": place})
    assert not await beside.holds()
    await Seal(store.database).close(topic.name, "ahead")
    await store.events.insert_many(lost)
    assert not await beside.holds()
    await Agreement(store, topic, servers.kafka).require()
    assert await beside.holds()


async def test_its_place_is_not_kept_with_every_batch(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.agreement.KEPT_EVERY_SECONDS", 3600.0)
    agreement = Agreement(store, topic, servers.kafka)
    await agreement.require()
    await agreement.wrote([written(topic, 4)])
    assert (await place_of(store, topic))["0"] == 0
    monkeypatch.setattr("eventlog.agreement.KEPT_EVERY_SECONDS", 0.0)
    await agreement.wrote([written(topic, 7), written(topic, 6)])
    assert await place_of(store, topic) == {"0": 8, "1": 0, "2": 0}
