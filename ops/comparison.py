"""Ops, comparison: two generations of a projection, document by document, while events keep coming.

Both are read in the order of their ids, side by side. What differs may differ only because one of the two has not yet
written what the other has: it is looked at again some times. The checksum of a collection is the sum of its documents'
SHA-256, so that it depends on no order and a document looked at again can be exchanged in it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.projection import suffix
from eventlog.store import Document

LOOKS = 5
PAUSE_SECONDS = 1.0
MOST_DIFFERENCES = 10_000
DOCUMENTS_AT_ONCE = 2_000
_MODULUS = 1 << 256

Sums = tuple[int | None, int | None]


@dataclass(slots=True)
class Comparison:
    """One collection in two generations; `different`: ids with the sums of both documents, or None."""

    collection: str
    documents: list[int] = field(default_factory=lambda: [0, 0])
    sums: list[int] = field(default_factory=lambda: [0, 0])
    different: dict[Any, Sums] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether both hold the same."""
        return not self.different

    def document(self) -> dict[str, Any]:
        """For machines: numbers, checksums and the first ids that differ."""
        return {
            "collection": self.collection,
            "equal": self.equal,
            "documents": self.documents,
            "checksums": [f"{one:064x}" for one in self.sums],
            "different": len(self.different),
            "first_different": [str(id) for id in list(self.different)[:5]],
        }

    def add(self, id: Any, sums: Sums) -> None:
        """Count a document of both, or of one of the two."""
        for side, one in enumerate(sums):
            if one is not None:
                self.documents[side] += 1
                self.sums[side] = (self.sums[side] + one) % _MODULUS
        if sums[0] != sums[1]:
            self.different[id] = sums

    def take_back(self, id: Any) -> None:
        """Uncount one that differed."""
        for side, one in enumerate(self.different.pop(id)):
            if one is not None:
                self.documents[side] -= 1
                self.sums[side] = (self.sums[side] - one) % _MODULUS


async def compare(
    database: AsyncDatabase[Document], collections: Sequence[str], one: int, other: int
) -> list[Comparison]:
    """Two generations of these collections. Raises PyMongoError."""
    return [await _compare(name, database[name + suffix(one)], database[name + suffix(other)]) for name in collections]


def sum_of(document: Document) -> int:
    """A document as a number; the order of its fields, which depends on the events' arrival, is no part of it."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=repr)
    return int.from_bytes(sha256(text.encode()).digest(), "big")


async def _compare(name: str, *both: AsyncCollection[Document]) -> Comparison:
    comparison = Comparison(name)
    async for id, sums in _side_by_side(*both):
        comparison.add(id, sums)
        if len(comparison.different) > MOST_DIFFERENCES:
            return comparison
    for _ in range(LOOKS):
        if comparison.equal:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        await _look_again(comparison, *both)
    return comparison


async def _look_again(comparison: Comparison, *both: AsyncCollection[Document]) -> None:
    ids = list(comparison.different)
    for number in range(0, len(ids), DOCUMENTS_AT_ONCE):
        some = ids[number : number + DOCUMENTS_AT_ONCE]
        left, right = [
            {document["_id"]: sum_of(document) async for document in collection.find({"_id": {"$in": some}})}
            for collection in both
        ]
        for id in some:
            comparison.take_back(id)
            comparison.add(id, (left.get(id), right.get(id)))


async def _side_by_side(*both: AsyncCollection[Document]) -> AsyncIterator[tuple[Any, Sums]]:
    """Each id that is in one of the two, in order, with the sums of both documents."""
    cursors = [one.find(batch_size=DOCUMENTS_AT_ONCE).sort("_id", ASCENDING) for one in both]
    left, right = [await anext(cursor, None) for cursor in cursors]
    while left or right:
        id = min(document["_id"] for document in (left, right) if document)
        in_left, in_right = [document if document and document["_id"] == id else None for document in (left, right)]
        yield id, (sum_of(in_left) if in_left else None, sum_of(in_right) if in_right else None)
        left = await anext(cursors[0], None) if in_left else left
        right = await anext(cursors[1], None) if in_right else right
