"""The parking: events that cannot be applied, kept as they came, with the reason; their stream queues up behind them.

Every other stream goes on. The stream of an unreadable record is its Kafka key.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document

Place = tuple[str, int, bytes]


class RawRecord(Protocol):
    """A Kafka record as it came, nothing decoded."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


def place_of(record: RawRecord) -> Place:
    """Where the stream of a record runs: topic, partition and key."""
    return record.topic, record.partition, record.key or b""


class Parking:
    """The parked records of one consumer group."""

    def __init__(self, database: AsyncDatabase[Document], group: str) -> None:
        self._parked = database["parked"]
        self._group = group

    async def prepare(self) -> None:
        """Create the index; safe to repeat."""
        await self._parked.create_index([("group", ASCENDING), ("topic", ASCENDING), ("key", ASCENDING)])

    async def parked_from(self, records: Iterable[RawRecord]) -> dict[Place, int]:
        """Of the streams of these records, those that have something parked, and from which offset on."""
        keys = list({record.key or b"" for record in records})
        found = self._parked.find({"group": self._group, "key": {"$in": keys}}).sort("offset", DESCENDING)
        return {(p["topic"], p["partition"], bytes(p["key"])): p["offset"] async for p in found}

    async def park(self, record: RawRecord, reason: str) -> None:
        """Keep the record; once it is kept its offset may be committed. Parking it again changes nothing."""
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        document = {
            **place,
            "group": self._group,
            "key": record.key or b"",
            "value": record.value,
            "headers": [[name, value] for name, value in record.headers],
            "reason": reason,
            "parked_at": datetime.now(UTC),
        }
        await self._parked.update_one(
            {"_id": ":".join(map(str, (self._group, *place.values())))}, {"$setOnInsert": document}, upsert=True
        )
