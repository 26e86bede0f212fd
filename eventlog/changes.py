"""The changes of a collection, in batches: what MongoDB's change stream hands out one by one, with a long wait each."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pymongo import timeout
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.process import cancelled
from eventlog.store import Document

AT_ONCE = 1000
WAIT_SECONDS = 1.0
SILENT_SECONDS = 10.0

Token = Mapping[str, Any]


class StreamEnded(Exception):
    """There is nothing left to follow: the collection is gone."""


@dataclass(frozen=True, slots=True)
class Change:
    """The document with this id changed, or is gone."""

    token: Token
    id: str


async def changes_in(stream: AsyncChangeStream[Document]) -> AsyncIterator[Mapping[str, Any]]:
    """What the open stream hands out, until it or this task ends. Raises PyMongoError, also where MongoDB falls silent.

    A connection that is cut says nothing; MongoDB answers every second, if only that there is nothing.
    """
    while stream.alive and not cancelled():
        with timeout(SILENT_SECONDS):
            change = await stream.try_next()
        if change:
            yield change


class Changes:
    """An open change stream; `start` is its place when it was opened."""

    def __init__(self, stream: AsyncChangeStream[Document]) -> None:
        self.start = stream.resume_token
        self._stream = stream
        self._come: asyncio.Queue[Change] = asyncio.Queue(AT_ONCE)
        self._ended: Exception | None = None

    async def take(self) -> list[Change]:
        """What has come, waiting a second for it. Raises what ended the stream."""
        if self._ended:
            raise self._ended
        taken: list[Change] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                taken.append(await self._come.get())
            while not self._come.empty():
                taken.append(self._come.get_nowait())
        return taken

    async def pump(self) -> None:
        """Fill the queue until cancelled."""
        try:
            async for change in changes_in(self._stream):
                if "documentKey" in change:
                    await self._come.put(Change(change["_id"], change["documentKey"]["_id"]))
            self._ended = StreamEnded("the collection was dropped or renamed")
        except Exception as error:
            self._ended = error


@asynccontextmanager
async def changes_of(collection: AsyncCollection[Document], after: Token | None) -> AsyncIterator[Changes]:
    """What changes in the collection after this place, or from now on. Raises PyMongoError where the place is lost."""
    async with await collection.watch([{"$project": {"documentKey": 1}}], resume_after=after) as stream:
        changes = Changes(stream)
        pump = asyncio.create_task(changes.pump())
        try:
            yield changes
        finally:
            pump.cancel()
            await asyncio.wait([pump])
