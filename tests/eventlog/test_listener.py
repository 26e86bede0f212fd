"""A listener on the real Kafka: what it cannot go on from it says loudly, and health tells the truth about it."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from structlog.testing import capture_logs

from eventlog.listener import Listener
from eventlog.process import background
from eventlog.supervisor import supervise, turns
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import has_halted, until
from tests.servers import RealServers


class Collecting:
    """A delivery that remembers what it was given, each batch after a while."""

    def __init__(self, seconds: float = 0) -> None:
        self.values: list[bytes | None] = []
        self.seconds = seconds

    async def deliver(self, records: Sequence[ConsumerRecord]) -> None:
        await asyncio.sleep(self.seconds)
        self.values += [record.value for record in records]

    async def obey(self, topic: str, partition: int, *, begun: bool) -> bool:
        return True

    async def ordered(self) -> Iterable[tuple[str, int]]:
        return ()


async def produce(servers: RealServers, topic: Topic, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        for value in values:
            await producer.send_and_wait(topic.name, value, partition=0)


async def committed(servers: RealServers, group: str, topic: Topic) -> int | None:
    async with AIOKafkaConsumer(bootstrap_servers=servers.bootstrap_servers, group_id=group) as consumer:
        offset: int | None = await consumer.committed(TopicPartition(topic.name, 0))
    return offset


async def delete_before(servers: RealServers, topic: Topic, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=offset)})
    await admin.close()


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
        listener = Listener(servers.bootstrap_servers, topic.name, [topic], collecting)

        async def has_come(what: list[bytes] = expected, where: Collecting = collecting) -> bool:
            return where.values == what

        async with background(supervise(listener)):
            await until(has_come)
        await produce(servers, topic, b"three")


@pytest.mark.parametrize("read_before", [True, False])
async def test_a_partition_whose_events_were_deleted_unread_halts_and_says_so_and_the_others_go_on(
    topic: Topic, servers: RealServers, read_before: bool
) -> None:
    await produce(servers, topic, b"one")
    collecting = Collecting()
    listener = Listener(servers.bootstrap_servers, topic.name, [topic], collecting)
    if read_before:
        async with background(supervise(listener)):

            async def caught_up() -> bool:
                return await committed(servers, topic.name, topic) == 1

            await until(caught_up)
    collecting.values.clear()
    await produce(servers, topic, b"lost", b"kept")
    await delete_before(servers, topic, 2)

    halted = Listener(servers.bootstrap_servers, topic.name, [topic], collecting)

    async def others_go_on() -> bool:
        return collecting.values == [b"elsewhere"]

    with capture_logs() as logs:
        async with background(supervise(halted)):
            async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
                await producer.send_and_wait(topic.name, b"elsewhere", partition=1)
            await until(others_go_on)
            await until(lambda: has_halted(logs, "rebuild"))
            assert turns(halted)
            assert not halted.gets_on()
            assert collecting.values == [b"elsewhere"]


async def test_a_topic_that_is_missing_is_named(servers: RealServers) -> None:
    missing = Topic("test.missing", "stream", "identity", (), ())
    listener = Listener(servers.bootstrap_servers, "test.missing", [missing], Collecting())
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

    listener = Listener(servers.bootstrap_servers, topic.name, [topic], collecting, at_once=1)
    async with background(supervise(listener)):
        await until(caught_up, seconds=30)
    assert collecting.values == [b"one", b"two"]


async def test_a_member_that_is_stopped_finishes_what_it_has_in_hand_and_the_next_begins_behind_it(
    topic: Topic, servers: RealServers
) -> None:
    await produce(servers, topic, b"one")
    slow, next_one = Collecting(seconds=2), Collecting()

    async def begun() -> bool:
        return any(lane.in_hand_seconds() for lane in listener._lanes.values())

    listener = Listener(servers.bootstrap_servers, topic.name, [topic], slow)
    async with background(supervise(listener)):
        await until(lambda: begun())
        await asyncio.sleep(0.5)
    assert slow.values == [b"one"]
    assert await committed(servers, topic.name, topic) == 1
    async with background(supervise(Listener(servers.bootstrap_servers, topic.name, [topic], next_one))):
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
    supervising = asyncio.create_task(supervise(part))
    await asyncio.sleep(0.3)
    assert (turns(part), part.lives) == (False, 1)

    async def gets_on() -> bool:
        return turns(part)

    await until(gets_on)
    assert part.lives == 2
    supervising.cancel()
    with suppress(asyncio.CancelledError):
        await supervising
