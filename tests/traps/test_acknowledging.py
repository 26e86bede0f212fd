"""When is an event done with? FastStream's policies each lose the event that fails, or never get past it."""

import asyncio
import warnings
from dataclasses import replace
from typing import Any

import pytest
from faststream import AckPolicy, ExceptionMiddleware
from faststream.kafka.annotations import KafkaMessage
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import until
from tests.traps.naive import Handler, subscriber
from tests.traps.ours import Ours, shows
from tests.traps.scene import POISON, Scene, has_come_to, number_in, sent


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.05, 0.2))


async def acknowledge_if_done(handler: Handler, message: KafkaMessage) -> None:
    """How one acknowledges by hand: when the work is done."""
    await handler(message)
    await message.ack()


async def test_the_default_policy_loses_the_event_in_hand_when_the_process_dies_and_ours_reads_it_again(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ACK_FIRST is a commit by a timer: at most once."""
    await scene.send(sent(1))
    in_hand = asyncio.Event()

    async def never_done(_: object) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    async with subscriber(scene, never_done, auto_commit_interval_ms=50):
        await in_hand.wait()
        await until(lambda: has_come_to(scene, {0: 1}))  # done with, says the broker, while the handler still works

    in_hand.clear()
    monkeypatch.setattr("eventlog.listener.FINISH_SECONDS", 0.2)  # what is in hand is never done
    ours = Ours(scene, database)
    async with ours.listening(never_done):
        await in_hand.wait()
        await asyncio.sleep(0.2)
        assert await ours.scene.committed() == {}
    async with ours.listening():
        await until(lambda: shows(ours, {1}))


@pytest.mark.parametrize("policy", [AckPolicy.ACK, AckPolicy.REJECT_ON_ERROR, AckPolicy.MANUAL])
async def test_a_subscriber_that_acknowledges_loses_the_event_that_fails_and_ours_parks_it(
    policy: AckPolicy, scene: Scene, database: AsyncDatabase[Document]
) -> None:
    await scene.send(sent(1), sent(POISON), sent(3))
    handler = Handler()

    async def by_hand(message: KafkaMessage) -> None:
        await acknowledge_if_done(handler, message)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # FastStream itself says that REJECT_ON_ERROR is ACK
        async with subscriber(scene, by_hand if policy is AckPolicy.MANUAL else handler, ack_policy=policy):
            await until(lambda: has_come_to(scene, {0: 3}))
    assert handler.given == [1, POISON, 3]  # once, and never again: the group is past it
    await parks_the_poison_alone(Ours(scene, database))


async def test_an_exception_middleware_makes_a_refusal_a_commit_and_ours_parks_the_event(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    await scene.send(sent(1), sent(POISON), sent(3))
    handler, noted = Handler(), []
    options = {"middlewares": [ExceptionMiddleware({ValueError: lambda error: noted.append(str(error))})]}
    async with subscriber(scene, handler, ack_policy=AckPolicy.NACK_ON_ERROR, broker_options=options):
        await until(lambda: has_come_to(scene, {0: 3}))
    assert (handler.given, len(noted)) == ([1, POISON, 3], 1)
    await parks_the_poison_alone(Ours(scene, database))


@pytest.mark.parametrize("header", [None, b"\xff"], ids=["null", "not UTF-8"])
async def test_a_header_that_is_no_text_makes_a_record_vanish_and_ours_parks_it_as_it_came(
    header: bytes | None, scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """NACK_ON_ERROR is the strictest policy: even so the record is never handed out, nor refused."""
    unreadable = replace(sent(2), headers=[("ce_id", header)])
    await scene.send(sent(1), unreadable, sent(3))
    handler = Handler()
    async with subscriber(scene, handler, ack_policy=AckPolicy.NACK_ON_ERROR):
        await until(lambda: has_come_to(scene, {0: 3}))
    assert handler.given == [1, 3]

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: shows(ours, {1, 3}))
        await until(lambda: has_come_to(ours.scene, {0: 3}))
    (parked,) = await ours.parked()
    assert (parked["offset"], parked["value"], parked["headers"]) == (1, unreadable.value, [["ce_id", header]])


async def test_a_refused_event_is_delivered_without_end_or_pause_and_ours_parks_it_after_a_few_tries(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    await scene.send(sent(1), sent(POISON), sent(3))
    handler = Handler()

    async def delivered_often() -> bool:
        return handler.given.count(POISON) > 40

    async with subscriber(scene, handler, ack_policy=AckPolicy.NACK_ON_ERROR):
        await until(delivered_often)
    assert handler.done == [1]  # what is behind it waits for ever

    ours = Ours(scene, database)
    await parks_the_poison_alone(ours)
    assert ours.projected.count(POISON) < 10


async def test_a_refused_batch_holds_up_every_partition_and_ours_only_the_stream_that_fails(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """Up to FastStream 0.7.7 worse: only the first record's partition was rewound, the others' records were lost."""
    await scene.send(sent(1, partition=0), sent(POISON, partition=1), sent(3, partition=2))
    batches: list[set[int]] = []

    async def on_batch(message: KafkaMessage) -> None:
        records: Any = message.raw_message
        batches.append({number_in(record.value) for record in records})
        if POISON in batches[-1]:
            raise ValueError("a handler that fails")

    async def delivered_again() -> bool:
        return sum(batch == {1, POISON, 3} for batch in batches) > 1

    async with subscriber(scene, on_batch, ack_policy=AckPolicy.NACK_ON_ERROR, batch=True):
        await until(delivered_again)
    assert await scene.committed() == {}

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: shows(ours, {1, 3}))
        await until(lambda: has_come_to(ours.scene, {0: 1, 1: 1, 2: 1}))


async def test_an_acknowledgement_commits_what_others_still_work_on_and_ours_each_partition_on_its_own(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ack()` commits every position of the consumer, also of partitions whose event is still in hand."""
    await scene.send(sent(1, partition=0))
    working: list[asyncio.Task[None]] = []

    async def slow(message: KafkaMessage) -> None:
        await asyncio.sleep(60)
        await message.ack()

    async def hand_over_or_acknowledge(message: KafkaMessage) -> None:
        if number_in(message.body) == 1:
            working.append(asyncio.create_task(slow(message)))
        else:
            await message.ack()

    async def one_is_worked_on() -> bool:
        return bool(working)

    async with subscriber(scene, hand_over_or_acknowledge, ack_policy=AckPolicy.MANUAL):
        await until(one_is_worked_on)
        await scene.send(sent(2, partition=1))
        await until(lambda: has_come_to(scene, {0: 1, 1: 1}))
        assert not working[0].done()  # the process may die now: the event is lost
    working[0].cancel()

    async def slow_on_one(envelope: Envelope[Event]) -> None:
        if envelope.stream_id == "stream-1":
            await asyncio.Event().wait()

    monkeypatch.setattr("eventlog.listener.FINISH_SECONDS", 0.2)  # what is in hand is never done
    ours = Ours(scene, database)
    async with ours.listening(slow_on_one):
        await until(lambda: has_come_to(ours.scene, {1: 1}))


async def parks_the_poison_alone(ours: Ours) -> None:
    """Of 1, the poison and 3 on one partition."""
    async with ours.listening():
        await until(lambda: shows(ours, {1, 3}))
        await until(lambda: has_come_to(ours.scene, {0: 3}))
    assert [parked["value"] for parked in await ours.parked()] == [sent(POISON).value]
