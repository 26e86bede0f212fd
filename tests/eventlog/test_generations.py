"""A projection is rebuilt while it is read, and reading moves over and back by one write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka import AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from eventlog.generations import Generations
from eventlog.process import background
from eventlog.projection import Projection, Views, create_collection
from eventlog.store import Document, EventStore
from eventlog.supervisor import Looks, supervise
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import until
from tests.eventlog.records import envelopes_of, project, records_of
from tests.servers import RealServers

Publish = Callable[[str], Awaitable[None]]


@pytest.fixture
async def publish(store: EventStore, topic: Topic, servers: RealServers) -> AsyncIterator[Publish]:
    """Put a stream of three events on the topic."""
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:

        async def publish_stream(stream: str) -> None:
            for record in records_of(await envelopes_of(store, stream, [1, 2, 3])):
                await producer.send_and_wait(
                    topic.name, record.value, key=record.key, headers=list(record.headers), partition=0
                )

        yield publish_stream


@pytest.fixture
async def views(database: AsyncDatabase[Document], topic: Topic) -> Views:
    """The views of a projection named after the topic, so that its groups are its own."""
    collections = {"views": ("part.number",), "rows": ()}
    views = Views(database, Projection(f"view.{topic.name}", [topic], project, collections))
    with pytest.raises(AutoReconnect):
        _ = views["views"]
    await views.prepare()
    return views


async def test_a_second_generation_is_built_beside_the_first_and_takes_its_place_and_gives_it_back(
    views: Views, database: AsyncDatabase[Document], servers: RealServers, publish: Publish
) -> None:
    async def holds(number: int, rows: int) -> bool:
        return await views.generation(number)["rows"].count_documents({}) == rows

    async def point(change: Document) -> None:
        await database["projections"].update_one({"_id": views.projection.name}, change)

    async def reads(number: int) -> bool:
        return views["rows"].name == views.generation(number)["rows"].name

    generations = Generations(views, servers.kafka, Looks())
    await publish("early")
    async with background(supervise(generations, Looks())):
        await until(lambda: holds(1, 3))
        await point({"$addToSet": {"kept": 2}})
        await until(lambda: holds(2, 3))
        assert await reads(1)
        await point({"$set": {"active": 2}})
        await until(lambda: reads(2))
        assert "part.number_1" in await views["views"].index_information()

        await publish("late")
        await until(lambda: holds(1, 6))
        await until(lambda: holds(2, 6))
        assert generations.gets_on()
        await point({"$set": {"active": 1}, "$pull": {"kept": 2}})
        await until(lambda: reads(1))
        await publish("last")
        await until(lambda: holds(1, 9))
        assert await holds(2, 6)


async def test_preparing_again_leaves_the_pointer_where_it_is(views: Views, database: AsyncDatabase[Document]) -> None:
    moved = {"$set": {"active": 3, "kept": [2, 3]}}
    await database["projections"].update_one({"_id": views.projection.name}, moved)
    await views.prepare()
    assert (views.active, await views.refresh()) == (3, {2, 3})


async def test_the_collections_of_a_view_have_small_pages(views: Views, database: AsyncDatabase[Document]) -> None:
    statistics = await database.command("collStats", views["views"].name)
    assert "leaf_page_max=4KB" in statistics["wiredTiger"]["creationString"]


async def test_of_two_processes_that_make_the_views_at_once_neither_fails(
    views: Views, database: AsyncDatabase[Document]
) -> None:
    await asyncio.gather(*(create_collection(database, "made at once") for _ in range(10)))
