"""The backlog: what the log still has to publish and what is parked, as MongoDB knows it, for measures and `ops`.

Each question is answered from an index alone, and so costs the same whatever the log has grown to.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.measures import BACKLOG, OLDEST_UNPUBLISHED, PARKED, PARKED_OLDEST, Measured, Row
from eventlog.parking import BY_AGE
from eventlog.store import UNPUBLISHED, Document, EventStore

EVER = datetime.fromtimestamp(0, UTC)


class Unpublished(NamedTuple):
    """How many events of a log wait for the relay, and since when the oldest has."""

    events: int
    since: datetime | None


async def unpublished_in(events: AsyncCollection[Document]) -> Unpublished:
    """Of the log that stands in this collection. Raises PyMongoError."""
    waiting = await _count(events, UNPUBLISHED)  # no hint: a log that no service has prepared has no index yet
    oldest = await events.find_one(UNPUBLISHED, {"time": 1}, sort=[("_id", ASCENDING)])
    return Unpublished(waiting, oldest["time"] if oldest else None)


async def backlog_of(store: EventStore, topic: str) -> Measured:
    """How many events wait for the relay, and for how many seconds the oldest has. Raises PyMongoError."""
    waiting, since = await unpublished_in(store.events)
    return {BACKLOG: {(topic,): waiting}, OLDEST_UNPUBLISHED: {(topic,): _seconds_since(since) if since else 0}}


async def parked_of(database: AsyncDatabase[Document], groups: Iterable[str]) -> Measured:
    """How many events of each group are parked, and for how long the oldest has been. Raises PyMongoError."""
    parked = database["parked"]
    counts: dict[Row, float] = {}
    ages: dict[Row, float] = {}
    for group in groups:
        of_group = {"group": group}
        dropped = await _count(parked, of_group | {"dropped_at": {"$gt": EVER}}, hint=BY_AGE)
        counts[(group,)] = await _count(parked, of_group, hint=BY_AGE) - dropped
        by_age = parked.find(of_group | {"dropped_at": None}, {"parked_at": 1}).sort("parked_at", ASCENDING)
        oldest = await by_age.hint(BY_AGE).limit(1).to_list()
        ages[(group,)] = _seconds_since(oldest[0]["parked_at"]) if oldest else 0
    return {PARKED: counts, PARKED_OLDEST: ages}


async def _count(collection: AsyncCollection[Document], chosen: Document, hint: str | None = None) -> int:
    """By MongoDB's `count`, which goes through the keys of an index and does nothing else; `hint` names the index."""
    hinted = {"hint": hint} if hint else {}
    answer = await collection.database.command({"count": collection.name, "query": chosen, **hinted})
    return int(answer["n"])


def _seconds_since(time: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - time).total_seconds())
