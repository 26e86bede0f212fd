"""What is kept beside a log is settled before it opens; where that cannot be done, it says so and is not ready."""

import asyncio
import re
from collections.abc import Mapping, Sequence

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from structlog.testing import capture_logs

from eventlog.bus import Bus
from eventlog.seal import Seal
from eventlog.settling import REIMPORTED, NotYet, Settling
from eventlog.store import Also, Document, EventStore
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import until
from tests.servers import RealServers

MANY = 3_000


async def test_what_a_stream_holds_is_let_go_of_by_an_index(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    others = [{"_id": str(number), "kind": "card-snils", "stream_id": f"other {number}"} for number in range(MANY)]
    await database["reservations"].insert_many([*others, {"_id": "its own", "kind": "card-snils", "stream_id": "one"}])
    await database[REIMPORTED].insert_one({"_id": "one", "known": 0})
    await database.command("profile", 2)
    await Settling(store).settle()
    await database.command("profile", 0)
    assert await database["reservations"].count_documents({}) == MANY
    removed = {"op": "remove", "ns": re.compile(r"\.reservations$")}
    (asked,) = await database["system.profile"].find(removed).to_list()
    assert asked["docsExamined"] == 1


async def contradicted(stream_id: str, _: int) -> Also:
    async def write(_: AsyncClientSession) -> None:
        raise NotYet(stream_id)

    return write


async def refused(logs: Sequence[Mapping[str, object]], times: int) -> bool:
    return sum(line["event"] == "relay_refuses" for line in logs) >= times


async def test_streams_that_contradict_each_other_make_the_relay_refuse_and_the_service_unready(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    """Each look gets on quickly, and none of them gets anywhere."""
    await Seal(store.database).close(topic.name, "brought back")
    await store.database[REIMPORTED].insert_one({"_id": "stream", "known": 0})
    bus = Bus(store, topic, servers.kafka)
    bus.settle(contradicted)
    relay_is_ready = bus.checks()["relay"]
    with capture_logs() as logs:
        async with bus.running():
            await until(lambda: refused(logs, 2))
            for _ in range(20):
                assert not await relay_is_ready()
                await asyncio.sleep(0.1)
            await store.database[REIMPORTED].delete_many({})  # as its developers have made them agree
            await until(relay_is_ready)
    told = next(line for line in logs if line["event"] == "relay_refuses")
    assert told["log_level"] == "critical"
    assert "stream for one" in told["reason"]
    assert "keep the service stopped and ask its developers" in told["reason"]
