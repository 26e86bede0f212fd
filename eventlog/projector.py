"""The projector: folds batches of events into views, so that duplicates and any order give the same view.

A view is made of sections, each written whole by one stream under that stream's version (an older one is a no-op),
and of rows keyed by stream and version. `project` is pure: it says what to write, this module writes it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event

EVENTS_IN_A_ROW = 250  # without letting the process do anything else


@dataclass(frozen=True, slots=True)
class Section:
    """The part `name` of the document `id`, as of `version` of the one stream that writes it.

    `owner` are fields of the document itself that every writer states alike, such as the account.
    """

    collection: str
    id: str
    name: str
    version: int
    content: Document
    owner: Document = field(default_factory=dict)

    def place(self) -> tuple[str, str, str]:
        """What this section overwrites."""
        return self.collection, self.id, self.name


@dataclass(frozen=True, slots=True)
class Row:
    """A document that one event makes and nothing changes."""

    collection: str
    id: str
    content: Document


Write = Section | Row
Project = Callable[[Envelope[Event]], Iterable[Write]]


def fold(writes: Iterable[Write]) -> list[Write]:
    """One write per place: of a section its highest version, of a row any, since all are alike."""
    latest: dict[tuple[str, ...], Write] = {}
    for write in writes:
        match write:
            case Section():
                current = latest.get(write.place())
                if not isinstance(current, Section) or current.version < write.version:
                    latest[write.place()] = write
            case Row():
                latest[(write.collection, write.id)] = write
    return list(latest.values())


class Collections(Protocol):
    """Collections by name: a database, or the part of it that is one generation of the views."""

    def __getitem__(self, name: str, /) -> AsyncCollection[Document]:
        """The collection of this name."""


class Projector:
    """Writes what `project` says into the collections."""

    def __init__(self, collections: Collections, project: Project) -> None:
        self._collections = collections
        self._project = project

    async def apply(self, envelopes: Sequence[Envelope[Event]]) -> None:
        """Fold the batch into the views; applying it again changes nothing."""
        writes: list[Write] = []
        for number, envelope in enumerate(envelopes):
            if number % EVENTS_IN_A_ROW == 0:
                await asyncio.sleep(0)
            writes.extend(self._project(envelope))
        operations: dict[str, list[UpdateOne]] = defaultdict(list)
        for write in fold(writes):
            operations[write.collection].append(_operation(write))
        for collection, updates in operations.items():
            await self._collections[collection].bulk_write(updates, ordered=False)


def _operation(write: Write) -> UpdateOne:
    match write:
        case Row():
            return UpdateOne({"_id": write.id}, {"$setOnInsert": write.content}, upsert=True)
        case Section():
            return UpdateOne({"_id": write.id}, [{"$set": _guarded(write)}], upsert=True)


def _guarded(section: Section) -> Document:
    """Never raises: the new content only where the version rises ($literal: content is no formula)."""
    current = f"${section.name}"
    newer = {"$gt": [section.version, {"$ifNull": [f"{current}.version", 0]}]}
    content = {"$literal": {**section.content, "version": section.version}}
    owner = {name: {"$literal": value} for name, value in section.owner.items()}
    return {section.name: {"$cond": [newer, content, current]}, **owner}
