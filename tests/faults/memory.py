"""Stand-ins in memory for the log and what belongs to it, with the faults of the real ones.

They know as much of MongoDB as the relay and the delivery use, and nothing more (`memory_topic.py`: of Kafka). Whoever
steps on the planned step crashes there, is frozen there, or is not told how it went.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, NoReturn, Self

from pymongo.errors import AutoReconnect

from eventlog.parking import Known, RawRecord
from eventlog.store import Document

How = Literal["crash", "freeze", "lose the answer"]


class Crash(BaseException):
    """The process is gone: nobody catches this."""


class Fault:
    """Happens at the step of this number, or never."""

    def __init__(self, at: int | None = None, how: How = "crash") -> None:
        self.frozen = asyncio.Event()
        self.woken = asyncio.Event()
        self._left = at
        self._how = how

    async def step(self) -> bool:
        """One more step; True where the answer to it gets lost."""
        if self._left is None:
            return False
        self._left -= 1
        if self._left != 0:
            return False
        if self._how == "crash":
            raise Crash
        if self._how == "lose the answer":
            return True
        self.frozen.set()
        await self.woken.wait()
        return False


class MemoryLease:
    """So many turns, and then the process ends."""

    name = "relay"

    def __init__(self, turns: int) -> None:
        self._left = turns

    def is_fresh(self) -> bool:
        return False

    async def acquire(self) -> bool:
        self._left -= 1
        if self._left < 0:
            raise Crash
        return True

    async def release(self) -> None:
        return


class MemoryLog:
    """The log's collection as the relay reads and marks it; a stand-in for its store, database and client too."""

    def __init__(self) -> None:
        self.events = self.database = self.client = self
        self.documents: list[Document] = []
        self.fault = Fault()

    @asynccontextmanager
    async def start_session(self, *, snapshot: bool) -> AsyncIterator[None]:
        assert snapshot  # nothing changes here while a relay reads
        yield

    def find(self, query: Document, _: object = None, *, session: None = None) -> "MemoryCursor":
        wanted = query.get("stream_id", {}).get("$in")
        found = [d for d in self.documents if not d["published"] and (wanted is None or d["stream_id"] in wanted)]
        return MemoryCursor(found)

    async def update_many(self, query: Document, change: Document) -> None:
        await self.fault.step()
        for document in self.documents:
            if document["_id"] in query["_id"]["$in"]:
                document |= change["$set"]
        if await self.fault.step():
            raise AutoReconnect

    async def watch(self, _: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError


class MemoryCursor:
    """What was found."""

    def __init__(self, found: list[Document]) -> None:
        self._found = found

    def sort(self, by: Any, _: object = None) -> Self:
        names = [by] if isinstance(by, str) else [name for name, _ in by]
        self._found.sort(key=lambda document: tuple(document[name] for name in names))
        return self

    def limit(self, count: int) -> Self:
        self._found = self._found[:count]
        return self

    async def to_list(self) -> list[Document]:
        return [dict(document) for document in self._found]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in self._found:
            yield document


class NothingToPark:
    """A parking that stays empty."""

    async def known_of(self, _: Sequence[RawRecord]) -> Known:
        return Known()

    async def park(self, *_: object, **__: object) -> None:
        raise AssertionError("nothing here is to be parked")
