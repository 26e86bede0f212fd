"""`ops group delete`: a group of the services' that nobody reads for is forgotten; no other is."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from eventlog.store import Document
from medonline_contracts.topics import Topic
from ops.problem import Exit
from tests.eventlog.records import Record
from tests.ops.conftest import YES, Publisher, World
from tests.servers import RealServers


@pytest.fixture
async def member(servers: RealServers, topic: Topic, world: World) -> AsyncIterator[AIOKafkaConsumer]:
    """Of a group of cards, which has come to a place."""
    consumer = AIOKafkaConsumer(
        topic.name, bootstrap_servers=servers.bootstrap_servers, group_id=world.group(), enable_auto_commit=False
    )
    await consumer.start()
    await consumer.commit({TopicPartition(topic.name, 1): 7})
    yield consumer
    await consumer.stop()


async def names(world: World) -> list[str]:
    async with world.installation.kafka() as kafka:
        return await kafka.group_names()


async def records(world: World) -> list[str]:
    return [record["command"] for record in (await world.ops("record", "list", "--json")).json["records"]]


async def test_what_would_be_forgotten_is_shown_first_and_then_done_and_recorded(
    world: World, topic: Topic, member: AIOKafkaConsumer, publisher: Publisher
) -> None:
    await publisher.publish(*[Record(b"one", b"{}", [])] * 2)
    await member.stop()
    shown = await world.ops("group", "delete", world.group())
    assert (shown.exit, f"has come to {topic.name}/1@7;" in shown.out) == (Exit.SHOWN, True)
    assert f"what reads for it again, reads all 2 records of {topic.name} again" in shown.out
    assert (world.group() in await names(world), await records(world)) == (True, [])

    done = await world.ops("group", "delete", world.group(), *YES, "--json")
    assert (done.exit, done.json["places"], done.json["kept"]) == (Exit.FINE, f"{topic.name}/1@7", True)
    assert (world.group() in await names(world), await records(world)) == (False, ["group delete"])


async def test_a_group_that_somebody_reads_for_stays(world: World, member: AIOKafkaConsumer) -> None:
    refused = await world.ops("group", "delete", world.group(), *YES, "--json")
    assert (refused.exit, "only a group without members" in refused.json["error"]["sentence"]) == (Exit.REFUSED, True)
    assert (world.group() in await names(world), await records(world)) == (True, [])


@pytest.mark.parametrize(
    ("active", "kept", "told"),
    [(1, [1], "That one is read"), (2, [1, 2], "ops projection retire"), (2, [2], None)],
    ids=["read", "kept", "let go"],
)
async def test_a_group_that_fills_a_view_stays_as_long_as_that_is_kept(
    world: World, member: AIOKafkaConsumer, active: int, kept: list[int], told: str | None
) -> None:
    await member.stop()
    pointer: Document = {"_id": world.group(), "active": active, "kept": kept, "topics": [], "collections": []}
    await world.databases["cards"]["projections"].insert_one(pointer)
    for options, otherwise in (((), Exit.SHOWN), (YES, Exit.FINE)):
        answer = await world.ops("group", "delete", world.group(), *options, "--json")
        assert answer.exit == (Exit.REFUSED if told else otherwise)
        assert told is None or told in answer.json["error"]["sentence"]
    assert (world.group() in await names(world)) == bool(told)


@pytest.mark.parametrize(("service", "told"), [("cards", "There is no group"), ("city-clinic", "it is another's")])
async def test_a_group_that_is_not_there_or_not_ours_is_refused(world: World, service: str, told: str) -> None:
    refused = await world.ops("group", "delete", world.group(service), *YES, "--json")
    assert (refused.exit, told in refused.json["error"]["sentence"]) == (Exit.REFUSED, True)
    assert await records(world) == []
