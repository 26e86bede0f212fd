"""What MongoDB is asked for the measures: right, and answered from an index however much there is."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import Gauge
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.backlog import backlog_of, parked_of
from eventlog.measures import BACKLOG, OLDEST_UNPUBLISHED, PARKED, PARKED_OLDEST, Measured
from eventlog.parking import BEHIND, Parking
from eventlog.store import Document, EventStore
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record

MANY = 3_000
NOW = 120.0  # seconds that a test may take on a busy machine
READS = {"op": {"$in": ["query", "command"]}, "ns": re.compile(r"\.(events|parked)$")}


async def test_the_backlog_is_what_the_relay_has_not_published_and_its_age_that_of_the_oldest(
    store: EventStore,
) -> None:
    assert await backlog_of(store, "t") == {BACKLOG: {("t",): 0}, OLDEST_UNPUBLISHED: {("t",): 0}}
    for stream in ("a", "b"):
        await store.append(stream, [event(1), event(2)], expected_version=0, origin=ORIGIN)
    await grow_older(store.events, {"stream_id": "a", "version": 1}, "time", timedelta(hours=3))
    assert shown(await backlog_of(store, "t"), BACKLOG, "t") == 4
    assert shown(await backlog_of(store, "t"), OLDEST_UNPUBLISHED, "t") == pytest.approx(10_800, abs=NOW)
    await store.events.update_many({"stream_id": "a"}, {"$set": {"published": True}})
    assert shown(await backlog_of(store, "t"), BACKLOG, "t") == 2
    assert shown(await backlog_of(store, "t"), OLDEST_UNPUBLISHED, "t") < NOW


async def test_parked_events_are_counted_without_those_that_were_dropped(database: AsyncDatabase[Document]) -> None:
    parking = Parking(database, "one")
    await parking.prepare()
    for offset, key in enumerate((b"a", b"a", b"b")):
        await parking.park(Record(key, b"{}", [], offset=offset), "ValueError" if offset != 1 else BEHIND)
    await grow_older(database["parked"], {"offset": 0}, "parked_at", timedelta(hours=1))
    found = await parked_of(database, ["one", "other"])
    assert found[PARKED] == {("one",): 3, ("other",): 0}
    assert shown(found, PARKED_OLDEST, "one") == pytest.approx(3600, abs=NOW)
    assert shown(found, PARKED_OLDEST, "other") == 0

    first = await parking.first(("topic", 0, b"a"))
    assert first
    await parking.drop(first)
    found = await parked_of(database, ["one"])
    assert (shown(found, PARKED, "one"), shown(found, PARKED_OLDEST, "one") < NOW) == (2, True)


async def test_a_log_of_any_size_is_measured_from_its_indexes(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    await Parking(database, "g").prepare()
    at, place = datetime.now(UTC), {"group": "g", "topic": "t", "partition": 0, "key": b""}
    published = [{"_id": str(n), "stream_id": "old", "version": n, "published": True} for n in range(MANY)]
    waiting = [{"_id": f"w{n}", "stream_id": "new", "version": n, "published": False, "time": at} for n in range(MANY)]
    dropped = [{"_id": str(n), **place, "offset": n, "parked_at": at, "dropped_at": at} for n in range(MANY)]
    parked = [{"_id": f"p{n}", **place, "offset": n, "parked_at": at} for n in range(MANY)]
    await store.events.insert_many(published + waiting)
    await database["parked"].insert_many(dropped + parked)
    await database.command("profile", 2)
    measured = {**await backlog_of(store, "t"), **await parked_of(database, ["g"])}
    await database.command("profile", 0)
    assert (shown(measured, BACKLOG, "t"), shown(measured, PARKED, "g")) == (MANY, MANY)
    asked = await database["system.profile"].find(READS, {"docsExamined": 1, "keysExamined": 1}).to_list()
    assert len(asked) == 5
    assert all(question["docsExamined"] <= 1 for question in asked)
    assert all(question["keysExamined"] <= 2 * MANY + 1 for question in asked)


def shown(found: Measured, gauge: Gauge, *row: str) -> float:
    return found[gauge][row]


async def grow_older(collection: Any, chosen: Document, field: str, by: timedelta) -> None:
    found = await collection.find_one(chosen)
    await collection.update_one(chosen, {"$set": {field: found[field] - by}})
