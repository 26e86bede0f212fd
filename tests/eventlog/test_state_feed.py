"""A compacted topic that says how things stand: on every key its last word is the truth, whatever happened before."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.process import background
from eventlog.projection import Projection, Views
from eventlog.state_feed import CATCH_UP_SECONDS, StateFeed
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise, turns
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import until
from tests.eventlog.records import project
from tests.servers import RealServers
from tests.topics import records_in

TELLING_SECONDS = 1.0
LastWords = Callable[[], Awaitable[dict[str, str]]]


def state_of(document: Document) -> dict[str, Any] | None:
    if document.get("unready"):
        return None
    gone = document.get("removed")
    return {"key": document["_id"].encode(), "value": None if gone else document["says"].encode(), "headers": []}


async def agreed() -> bool:
    return True


@pytest.fixture
async def views(database: AsyncDatabase[Document], topic: Topic) -> Views:
    views = Views(database, Projection(f"view.{topic.name}", [], project, {"views": ()}))
    await views.prepare()
    return views


@pytest.fixture
def feed(views: Views, topic: Topic, servers: RealServers) -> Callable[[], StateFeed]:
    return lambda: StateFeed(views, "views", topic, servers.kafka, state_of, agreed)


@pytest.fixture
def last_words(topic: Topic, servers: RealServers) -> LastWords:
    """The latest value of every key that is not gone, as compaction would leave them."""

    async def read() -> dict[str, str]:
        latest = {record.key: record.value for record in await records_in(servers.kafka, [topic])}
        return {key.decode(): value.decode() for key, value in latest.items() if value is not None}

    return read


async def test_the_last_word_on_every_key_is_how_it_stands(
    views: Views, feed: Callable[[], StateFeed], last_words: LastWords
) -> None:
    async def say(key: str, **what: object) -> None:
        await views["views"].update_one({"_id": key}, {"$set": what}, upsert=True)

    async def told(expected: dict[str, str]) -> bool:
        return await last_words() == expected

    await say("before", says="one")
    await say("unready", says="nothing", unready=True)
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"before": "one"}))
        for number in range(20):
            await say("after", says=str(number))
        await say("before", removed=True)
        await until(lambda: told({"after": "19"}))
        await views["views"].delete_one({"_id": "after"})
        await until(lambda: told({}))
        await say("unready", unready=False)
        await until(lambda: told({"unready": "nothing"}))

    await say("while nobody told", says="two")
    await views["views"].delete_one({"_id": "unready"})
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"while nobody told": "two"}))


async def told_place(places: AsyncCollection[Document]) -> bool:
    return await places.count_documents({}) == 1


@pytest.mark.parametrize("lost", ["forgotten", "no longer in the oplog"])
async def test_where_its_place_is_lost_everything_is_said_again_and_what_is_gone_too(
    views: Views, feed: Callable[[], StateFeed], last_words: LastWords, lost: str
) -> None:
    async def told(expected: dict[str, str]) -> bool:
        return await last_words() == expected

    places = views.database["state_places"]
    await views["views"].insert_many([{"_id": "stays", "says": "one"}, {"_id": "goes", "says": "two"}])
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"stays": "one", "goes": "two"}))
        await until(lambda: told_place(places))

    if lost == "forgotten":
        await places.delete_many({})
    else:  # a resume token begins with its time: this one is of the year 2000, and MongoDB answers with error 286
        (place,) = await places.find().to_list()
        old = "82" + "386D4380" + place["token"]["_data"][10:]
        await places.update_one({"_id": place["_id"]}, {"$set": {"token._data": old}})
    await views["views"].delete_one({"_id": "goes"})
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"stays": "one"}))


async def test_a_view_that_is_behind_is_not_told(
    database: AsyncDatabase[Document], topic: Topic, servers: RealServers, last_words: LastWords
) -> None:
    """As after a backup was restored: what the topic said last is newer than the view."""
    views = Views(database, Projection(f"behind.{topic.name}", [topic], project, {"views": ()}))
    await views.prepare()
    await views["views"].insert_one({"_id": "card", "says": "an old word"})
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        await producer.send_and_wait(topic.name, b"a new word", key=b"card", partition=0)

    async def told(what: str) -> bool:
        return await last_words() == {"card": what}

    feed = StateFeed(views, "views", topic, servers.kafka, state_of, agreed)
    async with background(supervise(feed, Looks())):
        await until(lambda: asyncio.sleep(0, turns(feed)))
        await asyncio.sleep(2 * CATCH_UP_SECONDS)
        assert await told("a new word")
        async with AIOKafkaConsumer(
            bootstrap_servers=servers.bootstrap_servers, group_id=f"behind.{topic.name}", enable_auto_commit=False
        ) as group:
            group.assign([TopicPartition(topic.name, 0)])
            await group.commit({TopicPartition(topic.name, 0): 1})
        await until(lambda: told("an old word"))


@pytest.mark.parametrize("place", ["lost", "kept"])
async def test_while_the_log_does_not_hold_what_its_topic_does_nothing_is_told(
    views: Views, feed: Callable[[], StateFeed], last_words: LastWords, topic: Topic, servers: RealServers, place: str
) -> None:
    """As where a service is started before its log is brought back: its groups' offsets in Kafka are the newest."""
    log_holds = asyncio.Event()

    async def told(expected: dict[str, str]) -> bool:
        return await last_words() == expected

    async def asked() -> bool:
        return log_holds.is_set()

    await views["views"].insert_many([{"_id": "stays", "says": "one"}, {"_id": "since the backup", "says": "two"}])
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"stays": "one", "since the backup": "two"}))
        await until(lambda: told_place(views.database["state_places"]))
    if place == "lost":
        await views.database["state_places"].delete_many({})
    await views["views"].delete_one({"_id": "since the backup"})
    too_early = StateFeed(views, "views", topic, servers.kafka, state_of, asked)
    async with background(supervise(too_early, Looks())):
        await until(lambda: asyncio.sleep(0, turns(too_early)))
        await asyncio.sleep(TELLING_SECONDS)
        assert await told({"stays": "one", "since the backup": "two"})
        log_holds.set()
        await until(lambda: told({"stays": "one"}))


async def test_another_generation_is_told_as_soon_as_it_is_read(
    views: Views, feed: Callable[[], StateFeed], last_words: LastWords
) -> None:
    async def told(expected: dict[str, str]) -> bool:
        return await last_words() == expected

    await views["views"].insert_many([{"_id": "both", "says": "old"}, {"_id": "old only", "says": "old"}])
    await views.generation(2)["views"].insert_one({"_id": "both", "says": "new"})
    async with background(supervise(feed(), Looks())):
        await until(lambda: told({"both": "old", "old only": "old"}))
        await views.database["projections"].update_one({"_id": views.projection.name}, {"$set": {"active": 2}})
        await until(lambda: told({"both": "new"}))
