"""The projector: folds batches of events into views, so that duplicates and any order give the same view.

A view is made of sections, each written whole by one stream under that stream's version (an older one is a no-op),
and of rows keyed by stream and version. `project` is pure: it says what to write, this module writes it, collection by
collection in the order in which `project` names them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, starmap
from typing import Protocol

from opentelemetry.trace import SpanKind
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.store import Document
from eventlog.tracing import GROUP, BatchSpans, batch
from medonline_contracts.envelope import Envelope, Event

EVENTS_IN_A_ROW = 250  # read and folded without letting the process do anything else: about ten milliseconds
WRITES_AT_ONCE = 1_000  # more in one command may outlast its five seconds
BATCHES_AT_ONCE = 2  # one is folded while the other is written; more would only be more in memory


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


Newest = dict[tuple[str, ...], Write]
"""One write per place: of a section its highest version, of a row any, since all are alike."""


def fold(writes: Iterable[Write], newest: Newest) -> Newest:
    """Let each write stand in its place in `newest`, unless what stands there is of a higher version."""
    for write in writes:
        match write:
            case Section():
                current = newest.get(write.place())
                if not isinstance(current, Section) or current.version < write.version:
                    newest[write.place()] = write
            case Row():
                newest[(write.collection, write.id)] = write
    return newest


class Collections(Protocol):
    """Collections by name: a database, or the part of it that is one generation of the views."""

    def __getitem__(self, name: str, /) -> AsyncCollection[Document]:
        """The collection of this name."""


class Projector:
    """Writes what `project` says into the collections; `group` is what its spans are called by."""

    def __init__(self, collections: Collections, project: Project, group: str = "views") -> None:
        self._collections = collections
        self._project = project
        self._group = group
        self._turn = asyncio.Semaphore(BATCHES_AT_ONCE)

    async def apply(self, envelopes: Iterable[Envelope[Event]]) -> None:
        """Fold the batch into the views; applying it again changes nothing."""
        async with self._turn:
            with batch(f"project {self._group}", SpanKind.CONSUMER, {GROUP: self._group}) as spans:
                await self._write(await self._fold(envelopes, spans))

    async def _fold(self, envelopes: Iterable[Envelope[Event]], spans: BatchSpans) -> Newest:
        newest: Newest = {}
        for number, envelope in enumerate(envelopes):
            if number % EVENTS_IN_A_ROW == 0:
                await asyncio.sleep(0)
            spans.saw(envelope.origin.traceparent, envelope.time)
            fold(self._project(envelope), newest)
        return newest

    async def _write(self, newest: Newest) -> None:
        documents: dict[str, dict[str, list[Write]]] = defaultdict(lambda: defaultdict(list))
        for write in newest.values():
            documents[write.collection][write.id].append(write)
        for name, of_collection in documents.items():
            operations = starmap(_operation, of_collection.items())
            while chunk := list(islice(operations, WRITES_AT_ONCE)):
                await self._collections[name].bulk_write(chunk, ordered=False)


def _operation(id: str, writes: Sequence[Write]) -> UpdateOne:
    """All sections of a document in one write: what one event says of two of them is never seen half done."""
    sections: Document = {}
    for write in writes:
        match write:
            case Row():
                return UpdateOne({"_id": id}, {"$setOnInsert": write.content}, upsert=True)
            case Section():
                sections |= _guarded(write)
    return UpdateOne({"_id": id}, [{"$set": sections}], upsert=True)


def _guarded(section: Section) -> Document:
    """Never raises: the new content only where the version rises ($literal: content is no formula)."""
    current = f"${section.name}"
    newer = {"$gt": [section.version, {"$ifNull": [f"{current}.version", 0]}]}
    content = {"$literal": {**section.content, "version": section.version}}
    owner = {name: {"$literal": value} for name, value in section.owner.items()}
    return {section.name: {"$cond": [newer, content, current]}, **owner}
