"""How far groups are behind, as Kafka is asked for it: nothing where all is read, else the age of the oldest."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError

from eventlog.access import KafkaAccess
from eventlog.lags import CoordinatorSilent, Lags
from eventlog.listener import Listener
from eventlog.measures import LAG_EVENTS, LAG_SECONDS
from eventlog.process import background
from eventlog.supervisor import Looks, supervise
from medonline_contracts.topics import Topic
from tests.eventlog.collecting import Collecting, committed, produce
from tests.eventlog.conftest import until
from tests.servers import RealServers


@pytest.fixture
async def lags(topic: Topic, servers: RealServers) -> AsyncIterator[Lags]:
    """Of one group, called as its topic is, which nobody is a member of."""
    lags = Lags(servers.kafka, lambda: {topic.name: [topic.name]})
    await until(lambda: answers(lags, topic))
    yield lags
    await lags.close()


async def answers(lags: Lags, topic: Topic) -> bool:
    """A new topic is heard of after a while, and a new broker makes the place for groups when it is first asked."""
    with suppress(GroupCoordinatorNotAvailableError, CoordinatorSilent):
        return (topic.name, topic.name) in (await lags.measure())[LAG_EVENTS]
    return False


async def lag(lags: Lags, topic: Topic) -> tuple[float, float]:
    """In records and seconds."""
    found, row = await lags.measure(), (topic.name, topic.name)
    return found[LAG_EVENTS][row], found[LAG_SECONDS][row]


async def produced(servers: RealServers, topic: Topic, *values: bytes) -> tuple[float, float]:
    """Between which times these were."""
    before = time.time()
    await produce(servers, topic, *values)
    return before, time.time()


async def assert_behind(lags: Lags, topic: Topic, records: int, since: tuple[float, float]) -> None:
    """So many, the oldest of them written between these times."""
    asked_at = time.time()
    events, seconds = await lag(lags, topic)
    assert events == records
    written = since[0] - 0.001, since[1]  # Kafka keeps milliseconds
    assert asked_at - written[1] <= seconds <= time.time() - written[0]


async def commit(servers: RealServers, topic: Topic, offset: int) -> None:
    async with AIOKafkaConsumer(bootstrap_servers=servers.bootstrap_servers, group_id=topic.name) as consumer:
        place = TopicPartition(topic.name, 0)
        consumer.assign([place])
        await consumer.commit({place: offset})


async def test_a_group_that_has_never_read_is_behind_by_all_there_is(
    lags: Lags, topic: Topic, servers: RealServers
) -> None:
    assert await lag(lags, topic) == (0, 0)
    since = await produced(servers, topic, b"one", b"two")
    await asyncio.sleep(1)
    await assert_behind(lags, topic, 2, since)


async def test_the_age_is_that_of_the_oldest_that_is_not_applied(
    lags: Lags, topic: Topic, servers: RealServers
) -> None:
    first = await produced(servers, topic, b"one")
    await asyncio.sleep(1)
    second = await produced(servers, topic, b"two")
    await assert_behind(lags, topic, 2, first)
    await commit(servers, topic, 1)
    await assert_behind(lags, topic, 1, second)
    await commit(servers, topic, 2)
    assert await lag(lags, topic) == (0, 0)


async def test_a_listener_that_has_read_everything_is_not_behind_and_what_comes_after_it_has_gone_waits(
    lags: Lags, topic: Topic, servers: RealServers
) -> None:
    await produce(servers, topic, b"one", b"two")
    async with background(supervise(Listener(servers.kafka, topic.name, [topic], Collecting()), Looks())):

        async def caught_up() -> bool:
            return await committed(servers, topic.name, topic) == 2

        await until(caught_up)
        assert await lag(lags, topic) == (0, 0)
    await produce(servers, topic, b"three")
    assert (await lag(lags, topic))[0] == 1


async def test_the_marks_of_transactions_are_nothing_to_be_behind_by(
    lags: Lags, topic: Topic, servers: RealServers
) -> None:
    options = {"bootstrap_servers": servers.bootstrap_servers, "transactional_id": topic.name}
    async with AIOKafkaProducer(**options) as producer:
        async with producer.transaction():
            await producer.send_and_wait(topic.name, b"one", partition=0)
        await commit(servers, topic, 1)  # the mark behind it has the offset 1
        assert await lag(lags, topic) == (0, 0)
        await producer.begin_transaction()
        await producer.send_and_wait(topic.name, b"taken back", partition=0)
        await producer.abort_transaction()
        assert await lag(lags, topic) == (0, 0)


async def test_of_a_topic_that_is_not_there_nothing_is_said(topic: Topic, servers: RealServers) -> None:
    lags = Lags(servers.kafka, lambda: {topic.name: [topic.name, "test.never-made"]})
    await until(lambda: answers(lags, topic))
    assert (await lags.measure())[LAG_EVENTS] == {(topic.name, topic.name): 0}
    await lags.close()


async def test_a_process_that_has_no_group_measures_none(servers: RealServers) -> None:
    lags = Lags(servers.kafka, dict)
    assert await lags.measure() == {LAG_EVENTS: {}, LAG_SECONDS: {}}
    await lags.close()


async def test_kafka_that_was_away_is_asked_again(topic: Topic, servers: RealServers) -> None:
    lags = Lags(KafkaAccess("127.0.0.1:1"), lambda: {topic.name: [topic.name]})
    for _ in range(2):
        with pytest.raises(Exception, match=r"127\.0\.0\.1"):
            await lags.measure()
    lags._kafka = servers.kafka
    await until(lambda: answers(lags, topic))
    assert await lag(lags, topic) == (0, 0)
    await lags.close()
