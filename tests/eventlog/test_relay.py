"""The relay on a real MongoDB and a real Kafka: everything arrives in version order; a replaced relay is refused."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from eventlog.agreement import Agreement
from eventlog.lease import Lease
from eventlog.process import background
from eventlog.relay import Relay
from eventlog.store import EventStore
from eventlog.supervisor import Looks, supervise
from eventlog.turn import producer_of
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import ORIGIN, event, until
from tests.servers import RealServers

ReadTopic = Callable[[Topic, int], Awaitable[list[tuple[str, str]]]]


def relay_of(store: EventStore, topic: Topic, servers: RealServers) -> Relay:
    lease = Lease(store.database, topic.name, seconds=1)
    return Relay(store, Agreement(store, topic, servers.kafka), lease, lambda: producer_of(servers.kafka, topic))


async def nothing_unpublished(store: EventStore) -> bool:
    return await store.events.count_documents({"published": False}) == 0


async def test_every_event_arrives_in_the_order_of_its_stream(
    store: EventStore, topic: Topic, servers: RealServers, read_topic: ReadTopic
) -> None:
    async def write(stream: str) -> None:
        for version in range(10):
            await store.append(stream, [event(version)], expected_version=version, origin=ORIGIN)

    async with background(supervise(relay_of(store, topic, servers), Looks())):
        await asyncio.gather(*(write(f"stream-{number}") for number in range(5)))
        await until(lambda: nothing_unpublished(store))
    arrived = defaultdict(list)
    for key, version in await read_topic(topic, 50):
        arrived[key].append(int(version))
    assert dict(arrived) == {f"stream-{number}": list(range(1, 11)) for number in range(5)}


async def test_ids_that_run_backwards_do_not_change_the_order(
    store: EventStore, topic: Topic, servers: RealServers, read_topic: ReadTopic
) -> None:
    for version in range(3):
        await store.append("stream", [event(version)], expected_version=version, origin=ORIGIN)
    documents = await store.events.find().to_list()
    await store.events.delete_many({})
    for document in documents:  # as a clock that was set back would have made them
        document["_id"] = f"{9 - document['version']}"
    await store.events.insert_many(documents)
    async with background(supervise(relay_of(store, topic, servers), Looks())):
        await until(lambda: nothing_unpublished(store))
    assert await read_topic(topic, 3) == [("stream", "1"), ("stream", "2"), ("stream", "3")]


async def test_what_is_written_wakes_the_relay_before_its_next_sweep(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.relay.SWEEP_SECONDS", 60.0)
    async with background(supervise(relay_of(store, topic, servers), Looks())):
        await store.append("first", [event(1)], expected_version=0, origin=ORIGIN)
        await until(lambda: nothing_unpublished(store), seconds=15)
        await store.append("second", [event(1)], expected_version=0, origin=ORIGIN)
        await until(lambda: nothing_unpublished(store), seconds=15)


async def test_what_the_broker_did_not_take_is_not_said_to_be_published(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    too_large = PasswordChanged(account_id="x" * 3_000_000, credential_version=1)  # the broker takes one megabyte
    await store.append("stream", [too_large], expected_version=0, origin=ORIGIN)

    def patient_producer() -> AIOKafkaProducer:
        address = servers.bootstrap_servers
        return AIOKafkaProducer(bootstrap_servers=address, transactional_id=topic.name, max_request_size=5_000_000)

    agreement = Agreement(store, topic, servers.kafka)
    relay = Relay(store, agreement, Lease(store.database, topic.name), patient_producer)
    async with background(supervise(relay, Looks())):
        await asyncio.sleep(3)
        assert await store.events.count_documents({"published": False}) == 1


async def test_looking_for_what_is_unpublished_reads_nothing_else(store: EventStore) -> None:
    for number in range(200):
        await store.append(f"stream-{number}", [event(number)], expected_version=0, origin=ORIGIN)
    await store.events.update_many({"stream_id": {"$ne": "stream-7"}}, {"$set": {"published": True}})
    search = store.events.find({"published": False}, {"stream_id": 1}).sort("_id", 1).limit(10)
    statistics = (await search.explain())["executionStats"]
    assert (statistics["totalDocsExamined"], statistics["totalKeysExamined"]) == (1, 1)


async def test_a_relay_that_was_replaced_is_refused_by_the_broker(topic: Topic, servers: RealServers) -> None:
    old, new = producer_of(servers.kafka, topic), producer_of(servers.kafka, topic)
    await old.start()
    await new.start()
    try:
        with pytest.raises(ProducerFenced):
            async with old.transaction():
                await old.send_and_wait(topic.name, b"late", key=b"stream")
    finally:
        for producer in (old, new):
            with suppress(KafkaError):
                await producer.stop()


async def test_a_second_relay_takes_over_when_the_first_one_ends(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    first = asyncio.create_task(relay_of(store, topic, servers).run())
    await store.append("stream", [event(1)], expected_version=0, origin=ORIGIN)
    await until(lambda: nothing_unpublished(store))
    async with background(supervise(relay_of(store, topic, servers), Looks())):
        first.cancel()
        await store.append("stream", [event(2)], expected_version=1, origin=ORIGIN)
        await until(lambda: nothing_unpublished(store))
    with suppress(asyncio.CancelledError):
        await first
