"""What arrives of what was sent? Twice, not at all, or behind what is newer."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IllegalOperation, KafkaError, MessageSizeTooLargeError, ProducerFenced, RequestTimedOutError
from aiokafka.protocol.produce import ProduceRequest
from faststream.kafka import KafkaBroker

from eventlog.documents import record_of
from eventlog.lease import Lease
from eventlog.store import EventStore
from eventlog.turn import producer_of
from medonline_contracts.identity import PasswordChanged
from tests.eventlog.conftest import ORIGIN, event, until
from tests.topics import begin_log_here
from tests.traps.ours import all_published, relay_of, relaying
from tests.traps.scene import Scene, numbers_in, sent


class Wire:
    """Notes how records are sent, and loses the broker's first answer to them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.acks: list[int] = []
        self._lose_next = True
        send = AIOKafkaClient.send

        async def losing(client: AIOKafkaClient, node: int, request: object, **options: Any) -> Any:
            answer = await send(client, node, request, **options)
            if isinstance(request, ProduceRequest):
                self.acks.append(request.required_acks)
                if self._lose_next:
                    self._lose_next = False
                    raise RequestTimedOutError
            return answer

        monkeypatch.setattr(AIOKafkaClient, "send", losing)


async def test_an_answer_that_is_lost_doubles_the_event_and_ours_arrives_once(
    scene: Scene, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream's producer: no idempotence, and acknowledged by one broker alone (acks=1)."""
    with monkeypatch.context() as naive:
        wire = Wire(naive)
        broker = KafkaBroker(scene.bootstrap_servers, logger=None)
        await broker.start()
        await broker.publish(sent(1).value, scene.topic.name, key=sent(1).key)
        await broker.stop()
    assert (await numbers_in(scene), wire.acks) == ([1, 1], [1, 1])

    wire = Wire(monkeypatch)
    await store.append("stream", [event(2)], expected_version=0, origin=ORIGIN)
    async with relaying(relay_of(store, scene)):
        await until(lambda: all_published(store))
    assert (sorted(await numbers_in(scene)), wire.acks) == ([1, 1, 2], [-1, -1])


async def test_a_broker_with_a_transactional_id_can_publish_nothing_and_our_relay_owns_its_producer(
    scene: Scene, store: EventStore
) -> None:
    broker = KafkaBroker(scene.bootstrap_servers, logger=None, transactional_id=scene.group)
    await broker.start()
    with pytest.raises(IllegalOperation):
        await broker.publish(sent(1).value, scene.topic.name)
    await broker.stop()

    await store.append("stream", [event(2)], expected_version=0, origin=ORIGIN)
    async with relaying(relay_of(store, scene)):
        await until(lambda: all_published(store))
    assert await numbers_in(scene) == [2]


async def test_a_commit_passes_over_what_the_broker_refused_and_our_relay_does_not_say_it_is_published(
    scene: Scene, store: EventStore
) -> None:
    """`send` returns before the broker has answered: only what it returned says whether the record arrived."""

    def producer() -> AIOKafkaProducer:  # lets out more than the broker takes in
        return AIOKafkaProducer(
            bootstrap_servers=scene.bootstrap_servers, transactional_id=scene.group, max_request_size=5_000_000
        )

    too_large = PasswordChanged(account_id="x" * 3_000_000, credential_version=1)
    await store.append("stream", [too_large], expected_version=0, origin=ORIGIN)
    document = await store.events.find_one()
    assert document
    async with producer() as naive:
        async with naive.transaction():
            answer = await naive.send(scene.topic.name, **record_of(document))
        assert isinstance(answer.exception(), MessageSizeTooLargeError)  # of which the transaction said nothing
    assert await scene.values() == []

    async with relaying(relay_of(store, scene, producer)) as life:
        await asyncio.wait([life], timeout=10)
        assert isinstance(life.exception(), KafkaError)
    assert not await all_published(store)


async def test_a_relay_that_wakes_up_late_writes_behind_its_successor_and_ours_is_refused(
    scene: Scene, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease does not stop one who already works: the broker has to, by the transactional id."""
    stopped, woken = asyncio.Event(), asyncio.Event()

    async def stop() -> None:  # SIGSTOP, a long collection of garbage, a machine that was moved
        stopped.set()
        await woken.wait()

    async def naive(pause: Callable[[], Awaitable[None]]) -> None:
        await until(Lease(store.database, "naive", seconds=0.2).acquire)
        documents = await store.events.find().sort("version").to_list()
        await pause()
        async with AIOKafkaProducer(bootstrap_servers=scene.bootstrap_servers, enable_idempotence=True) as producer:
            for document in documents:
                await producer.send_and_wait(scene.topic.name, **record_of(document))

    await store.append("stream", [event(1)], expected_version=0, origin=ORIGIN)
    late = asyncio.create_task(naive(stop))
    await stopped.wait()
    await store.append("stream", [event(2)], expected_version=1, origin=ORIGIN)
    await naive(pause=partial(asyncio.sleep, 0))
    woken.set()
    await late
    assert await numbers_in(scene) == [1, 2, 1]

    def stopping_producer() -> AIOKafkaProducer:
        producer = producer_of(scene.kafka, scene.topic)
        begin = producer.begin_transaction

        async def begin_late() -> None:
            await stop()
            await begin()

        producer.begin_transaction = begin_late
        return producer

    await store.events.delete_many({})
    await begin_log_here(store.database, scene.kafka, scene.topic)
    for one in (stopped, woken):
        one.clear()
    await store.append("stream", [event(3)], expected_version=0, origin=ORIGIN)
    short = Lease(store.database, scene.group, seconds=0.2)
    acquire = short.acquire

    async def acquire_when_awake() -> bool:  # nothing of a stopped process goes on, its lease neither
        if stopped.is_set():
            await woken.wait()
        return await acquire()

    monkeypatch.setattr(short, "acquire", acquire_when_awake)
    async with relaying(relay_of(store, scene, stopping_producer, short)) as late:
        await stopped.wait()
        await store.append("stream", [event(4)], expected_version=1, origin=ORIGIN)
        async with relaying(relay_of(store, scene)):
            await until(lambda: all_published(store))
            woken.set()
            await asyncio.wait([late], timeout=10)
    assert isinstance(late.exception(), ProducerFenced)
    assert (await numbers_in(scene))[3:] == [3, 4]
