"""The writer: appends events to the log under load, and remembers what it was told had been appended."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from uuid import uuid4

from pymongo.errors import PyMongoError

from eventlog.documents import document_of
from eventlog.store import ConcurrencyConflict, EventStore
from medonline_contracts.envelope import Origin
from tests.faults.arrivals import stream_of
from tests.faults.ground import event, said_in

ORIGIN = Origin("a fault")
FILLED_FROM = 1_000_000
SUBJECTS = 6  # so many documents, of two streams each


async def fill(store: EventStore, events: int, streams: int = 100) -> None:
    """Put so many unpublished events into the log at once, as an outage leaves them."""
    each = events // streams
    for stream in range(streams):
        first = FILLED_FROM + stream * each
        envelopes = stream_of(f"{stream}.left", range(first, first + each))
        documents = [document_of(envelope) | {"_id": str(uuid4())} for envelope in envelopes]
        await store.events.insert_many(documents)


class Writer:
    """One client. Its streams, sizes and pauses (seconds at most) follow from `random`; each number is used once."""

    def __init__(self, store: EventStore, random: Random, name: str = "", pause: float = 0.02) -> None:
        self.acknowledged: list[tuple[str, int, int]] = []
        self._store = store
        self._random = random
        self._pause = pause
        self._versions: dict[str, int] = defaultdict(int)
        self._streams = [f"{name}{subject}.{side}" for subject in range(SUBJECTS) for side in ("left", "right")]
        self._number = 1000

    async def write_until(self, done: Callable[[], Awaitable[bool]], seconds: float = 90) -> None:
        """Go on writing until it is done."""
        async with asyncio.timeout(seconds):
            while not await done():
                await self.write(5)

    async def write(self, commands: int) -> None:
        """Give so many commands, each appending one to three events."""
        for _ in range(commands):
            await self._command()
            await asyncio.sleep(self._random.random() * self._pause)

    async def _command(self) -> None:
        stream = self._random.choice(self._streams)
        numbers = [self._next_number() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
        size = self._random.choice((0, 10, 10, 300, 5000))
        events = [event(number, "ё" * size) for number in numbers]
        while True:
            before = self._versions[stream]
            try:
                appended = await self._store.append(stream, events, expected_version=before, origin=ORIGIN)
            except (PyMongoError, ConcurrencyConflict):  # it may have been appended all the same
                if await self._find(stream, numbers):
                    return
                continue
            self._versions[stream] += len(events)
            self.acknowledged += [(stream, e.version, said_in(e)["number"]) for e in appended]
            return

    async def _find(self, stream: str, numbers: list[int]) -> bool:
        """Whether the log holds the command, asked until it answers."""
        while True:
            try:
                found = await self._store.read(stream)
            except PyMongoError:
                await asyncio.sleep(0.1)
                continue
            self._versions[stream] = len(found)
            return [said_in(envelope)["number"] for envelope in found[-len(numbers) :]] == numbers

    def _next_number(self) -> int:
        self._number += 1
        return self._number
