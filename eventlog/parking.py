"""The parking: events that cannot be applied, kept as they came, with the reason; their stream queues up behind them.

Every other stream goes on. The stream of an unreadable record is its Kafka key. An operator orders what becomes of the
first record of a stream; the partition's owner does it. Of what was dropped its place is kept, and it is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DocumentTooLarge

from eventlog.store import Document

Place = tuple[str, int, bytes]
BEHIND = "behind a parked event"
BY_AGE = "by_age"
Order = Literal["redrive", "drop"]


class RawRecord(Protocol):
    """A Kafka record as it came, nothing decoded."""

    @property
    def topic(self) -> str:
        """Its topic."""

    @property
    def partition(self) -> int:
        """Its partition."""

    @property
    def offset(self) -> int:
        """Its offset."""

    @property
    def key(self) -> bytes | None:
        """Its stream."""

    @property
    def value(self) -> bytes | None:
        """Its data."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its attributes."""


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A record that was parked; `id` is its place in the parking."""

    id: str
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    order: Order | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the parking knows of the streams of a batch: from which offset on they are parked, what was dropped."""

    parked_from: dict[Place, int] = field(default_factory=dict)
    dropped: set[tuple[Place, int]] = field(default_factory=set)


def place_of(record: RawRecord) -> Place:
    """Where the stream of a record runs: topic, partition and key."""
    return record.topic, record.partition, record.key or b""


class Parking:
    """The parked records of one consumer group, in the collection `parked` of the group's service."""

    def __init__(self, database: AsyncDatabase[Document], group: str) -> None:
        self._parked = database["parked"]
        self._group = group

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        stream = [(name, ASCENDING) for name in ("group", "topic", "partition", "key", "offset")]
        await self._parked.create_index(stream)
        by_age = [(name, ASCENDING) for name in ("group", "dropped_at", "parked_at")]
        await self._parked.create_index(by_age, name=BY_AGE)
        await self._parked.create_index(
            [("group", ASCENDING)], name="ordered", partialFilterExpression={"order": {"$exists": True}}
        )

    async def known_of(self, records: Sequence[RawRecord]) -> Known:
        """What is known of the streams of these records, all of one partition."""
        partition = self._in(records[0].topic, records[0].partition)
        if not await self._parked.find_one(partition, {"_id": 1}):
            return Known()
        keys = list({record.key or b"" for record in records})
        parked_from: dict[Place, int] = {}
        dropped = set()
        of_streams = self._parked.find({**partition, "key": {"$in": keys}}, {"value": 0, "headers": 0})
        async for p in of_streams.sort("offset", ASCENDING):
            place = p["topic"], p["partition"], bytes(p["key"])
            if "dropped_at" in p:
                dropped.add((place, p["offset"]))
            else:
                parked_from.setdefault(place, p["offset"])
        return Known(parked_from, dropped)

    async def park(self, record: RawRecord, reason: str, *, waits: bool = False) -> None:
        """Keep the record; once it is kept its offset may be committed. Parking it again changes nothing.

        `waits`: nothing is wrong with it, newer code will apply it. What is larger than a document may be is kept
        without its bytes: they are in the topic.
        """
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        document = {
            **place,
            "group": self._group,
            "key": record.key or b"",
            "value": record.value,
            "headers": [[name, value] for name, value in record.headers],
            "reason": reason,
            "waits": waits,
            "parked_at": datetime.now(UTC),
        }
        its_place = {"_id": ":".join(map(str, (self._group, *place.values())))}
        try:
            await self._parked.update_one(its_place, {"$setOnInsert": document}, upsert=True)
        except DocumentTooLarge:
            document |= {"value": None, "headers": [], "reason": f"{reason} (too large to be kept)"}
            await self._parked.update_one(its_place, {"$setOnInsert": document}, upsert=True)

    async def ordered(self) -> set[tuple[str, int]]:
        """The partitions in which an operator ordered something."""
        found = self._parked.find({"group": self._group, "order": {"$exists": True}}, {"topic": 1, "partition": 1})
        return {(p["topic"], p["partition"]) async for p in found}

    async def due(self, topic: str, partition: int, *, begun: bool) -> list[Place]:
        """The streams whose first record is to be tried again or dropped.

        Those are ordered; or queue up behind nothing, since a crash came in between; or, where the owner has just
        `begun`, wait for newer code, which it may be.
        """
        heads = await self._parked.aggregate(
            [
                {"$match": self._in(topic, partition) | {"dropped_at": {"$exists": False}}},
                {"$project": {"key": 1, "offset": 1, "order": 1, "reason": 1, "waits": 1}},
                {"$sort": {"key": 1, "offset": 1}},
                {"$group": {"_id": "$key", "head": {"$first": "$$ROOT"}}},
            ]
        )
        return [
            (topic, partition, bytes(found["_id"]))
            async for found in heads
            if (head := found["head"]).get("order") or head["reason"] == BEHIND or (begun and head["waits"])
        ]

    async def first(self, place: Place) -> ParkedRecord | None:
        """The first record of a parked stream."""
        topic, partition, key = place
        stream = self._in(topic, partition) | {"key": key, "dropped_at": {"$exists": False}}
        p = await self._parked.find_one(stream, sort=[("offset", ASCENDING)])
        if p is None:
            return None
        return ParkedRecord(
            id=p["_id"],
            topic=topic,
            partition=partition,
            offset=p["offset"],
            key=key,
            value=None if p["value"] is None else bytes(p["value"]),
            headers=[(name, value) for name, value in p["headers"]],
            order=p.get("order"),
        )

    async def release(self, record: ParkedRecord) -> None:
        """The record was applied."""
        await self._parked.delete_one({"_id": record.id})

    async def drop(self, record: ParkedRecord) -> None:
        """The record is to be passed over for good; its bytes go: nobody would erase them here with the person."""
        dropped: Document = {"dropped_at": datetime.now(UTC), "value": None, "headers": []}
        await self._parked.update_one({"_id": record.id}, _done(dropped))

    async def keep(self, record: ParkedRecord, reason: str, *, waits: bool = False) -> None:
        """The record cannot be applied now either; an order that has come meanwhile stands."""
        as_tried = {"_id": record.id, "order": record.order}
        await self._parked.update_one(as_tried, _done({"reason": reason, "waits": waits}))

    def _in(self, topic: str, partition: int) -> Document:
        return {"group": self._group, "topic": topic, "partition": partition}


def _done(change: Document) -> Document:
    return {"$set": change, "$unset": {"order": ""}}
