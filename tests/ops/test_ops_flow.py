"""How far everyone is: what waits to be published, and what waits to be read."""

from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from eventlog.lease import Lease
from eventlog.store import EventStore
from medonline_contracts.topics import Topic
from tests.eventlog.records import envelopes_of, records_of
from tests.ops.conftest import Publisher, World
from tests.servers import RealServers


async def test_the_outbox_tells_what_waits_for_how_long_and_whose_turn_it_is(world: World) -> None:
    store = EventStore(world.databases["cards"], "cards")
    await envelopes_of(store, "stream", [1, 2, 3])
    await store.events.update_one({"version": 1}, {"$set": {"published": True}})
    await store.events.update_one({"version": 2}, {"$set": {"time": datetime.now(UTC) - timedelta(minutes=5)}})
    assert await Lease(store.database, "relay.cards.events").acquire()
    answer = await world.ops("outbox", "--json")
    outboxes = {one["service"]: one for one in answer.json["outboxes"]}
    assert (outboxes["cards"]["unpublished"], outboxes["identity"]["unpublished"]) == (2, 0)
    assert 299 < outboxes["cards"]["oldest_seconds"] < 500
    assert [(lease["name"], lease["held"]) for lease in outboxes["cards"]["leases"]] == [("relay.cards.events", True)]
    assert " min " in (await world.ops("outbox")).out


async def test_lag_is_told_by_partition_with_the_member_that_has_it(
    world: World, servers: RealServers, publisher: Publisher
) -> None:
    topic = publisher.topic
    await publisher.publish(*records_of(await envelopes_of(EventStore(world.databases["cards"], "c"), "s", [1, 2, 3])))
    async with AIOKafkaConsumer(
        topic.name, bootstrap_servers=servers.bootstrap_servers, group_id=world.group(), enable_auto_commit=False
    ) as consumer:
        await consumer.commit({TopicPartition(topic.name, 0): 1})
        answer = await world.ops("lag", "--group", world.group(), "--json")
    first, second = answer.json["lags"]
    member = first.pop("member")
    assert first == {
        "group": world.group(),
        "topic": topic.name,
        "partition": 0,
        "committed": 1,
        "end": 3,
        "lag": 2,
        "lost": False,
    }
    assert member.endswith("at 127.0.0.1")
    assert (second["committed"], second["lag"]) == (None, 0)
    assert answer.json["total"] == 2


async def test_other_systems_groups_are_shown_only_when_asked_for(
    world: World, servers: RealServers, topic: Topic
) -> None:
    async with AIOKafkaConsumer(
        topic.name, bootstrap_servers=servers.bootstrap_servers, group_id=f"hospital.{world.mark}"
    ) as consumer:
        await consumer.commit({TopicPartition(topic.name, 0): 0})
        assert world.mark not in (await world.ops("lag", "--json")).out
        assert world.mark in (await world.ops("lag", "--all", "--json")).out


async def test_a_group_that_is_not_there_is_named(world: World) -> None:
    answer = await world.ops("lag", "--group", "cards.no-such-group", "--json")
    assert (answer.exit, "No group cards.no-such-group" in answer.json["error"]["sentence"]) == (4, True)
