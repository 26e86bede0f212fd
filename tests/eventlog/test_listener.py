"""A listener on the real Kafka: what it cannot go on from it says loudly, and health tells the truth about it."""

import asyncio
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from eventlog.listener import Listener
from eventlog.process import background
from eventlog.supervisor import Looks, supervise, turns
from medonline_contracts.topics import Topic
from tests.eventlog.collecting import Collecting, committed, produce
from tests.eventlog.conftest import until
from tests.servers import RealServers


async def failure_of(listener: Listener) -> str:
    """What ends its first life."""
    async with asyncio.timeout(20):
        try:
            await listener.run()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return "nothing"


async def test_a_group_that_is_new_reads_from_the_beginning_and_goes_on_where_it_was(
    topic: Topic, servers: RealServers
) -> None:
    await produce(servers, topic, b"one", b"two")
    for expected in ([b"one", b"two"], [b"three"]):
        collecting = Collecting()
        listener = Listener(servers.kafka, topic.name, [topic], collecting)

        async def has_come(what: list[bytes] = expected, where: Collecting = collecting) -> bool:
            return where.values == what

        async with background(supervise(listener, Looks())):
            await until(has_come)
        await produce(servers, topic, b"three")


async def test_a_topic_that_is_missing_is_named(servers: RealServers) -> None:
    missing = Topic("test.missing", "stream", "identity", (), ())
    listener = Listener(servers.kafka, "test.missing", [missing], Collecting())
    assert (await failure_of(listener)).startswith("TopicMissing: test.missing: create it")
    assert not listener.gets_on()


async def test_work_that_takes_longer_than_kafka_waits_for_a_poll_is_done_once(
    topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Listener._new_consumer

    def impatient(self: Listener) -> AIOKafkaConsumer:
        consumer = usual(self)
        consumer._max_poll_interval_ms = 1_000
        return consumer

    monkeypatch.setattr(Listener, "_new_consumer", impatient)
    await produce(servers, topic, b"one", b"two")
    # A fetch that fails, as in a partition without an offset, puts aiokafka's own watch on polls out of order.
    async with AIOKafkaConsumer(bootstrap_servers=servers.bootstrap_servers, group_id=topic.name) as first:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        first.assign(places)
        await first.commit(dict.fromkeys(places, 0))
    collecting = Collecting(seconds=3)

    async def caught_up() -> bool:
        return await committed(servers, topic.name, topic) == 2

    listener = Listener(servers.kafka, topic.name, [topic], collecting, at_once=1)
    async with background(supervise(listener, Looks())):
        await until(caught_up, seconds=30)
    assert collecting.values == [b"one", b"two"]


async def test_a_member_that_is_stopped_finishes_what_it_has_in_hand_and_the_next_begins_behind_it(
    topic: Topic, servers: RealServers
) -> None:
    await produce(servers, topic, b"one")
    slow, next_one = Collecting(seconds=2), Collecting()

    async def begun() -> bool:
        return any(lane.in_hand_seconds() for lane in listener._lanes.values())

    listener = Listener(servers.kafka, topic.name, [topic], slow)
    async with background(supervise(listener, Looks())):
        await until(lambda: begun())
        await asyncio.sleep(0.5)
    assert slow.values == [b"one"]
    assert await committed(servers, topic.name, topic) == 1
    async with background(supervise(Listener(servers.kafka, topic.name, [topic], next_one), Looks())):
        await produce(servers, topic, b"two")

        async def has_come() -> bool:
            return bool(next_one.values)

        await until(has_come)
    assert next_one.values == [b"two"]


class Hanging:
    """A part whose first life hangs, and that gets on in its second."""

    name = "hanging"

    def __init__(self) -> None:
        self.lives = 0
        self.last_turn = float("-inf")

    async def run(self) -> None:
        self.lives += 1
        while True:
            if self.lives > 1:
                self.last_turn = asyncio.get_running_loop().time()
            await asyncio.sleep(0.05)


async def test_a_part_that_hangs_is_not_ready_until_another_life_of_it_gets_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"STALLED": 0.5, "PAUSE": 0.05, "LOOK": 0.05}.items():
        monkeypatch.setattr(f"eventlog.supervisor.{name}_SECONDS", seconds)
    part = Hanging()
    supervising = asyncio.create_task(supervise(part, Looks()))
    await asyncio.sleep(0.3)
    assert (turns(part), part.lives) == (False, 1)

    async def gets_on() -> bool:
        return turns(part)

    await until(gets_on)
    assert part.lives == 2
    supervising.cancel()
    with suppress(asyncio.CancelledError):
        await supervising
