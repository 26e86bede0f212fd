"""The delivery: a batch of raw records reaches projectors and reactors, and what cannot be applied is parked.

It returns only when every record is applied or parked, so that the offset may be committed; while MongoDB is away it
waits and says so, and never skips. A record whose content is at fault is tried a bounded number of times, alone,
before it is parked; one of a version newer than this code is parked to wait for the code that understands it.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import structlog
from pymongo.errors import BulkWriteError, PyMongoError

from eventlog.parking import BEHIND, ParkedRecord, Parking, Place, RawRecord, place_of
from eventlog.process import end_if_cancelled, is_away
from eventlog.reading import Read, Unread, event_in, place_in_logs, read
from medonline_contracts.envelope import Envelope, Event, NewerVersion, Unreadable
from medonline_contracts.wire import version_in

log = structlog.get_logger(__name__)

Apply = Callable[[Iterable[Envelope[Event]]], Awaitable[None]]
Skip = Callable[[str, int], Awaitable[None]]
T = TypeVar("T")

RETRY_SECONDS = (0.05, 0.2, 1.0)
LONGEST_PAUSE_SECONDS = 5.0
STREAMS_AT_ONCE = 50
PIECE = 250
OBEY_SECONDS = 1.0
SERVER_AT_FAULT = frozenset({13, 18, 112, 14031})  # no right, unknown user, write conflict, out of disk space


def passes_by_itself(error: Exception) -> bool:
    """Whether it is MongoDB that is away or too slow, and not the event that is at fault."""
    if not isinstance(error, PyMongoError):
        return False
    labels = ("TransientTransactionError", "RetryableWriteError")
    codes = {getattr(error, "code", None)}
    if isinstance(error, BulkWriteError):  # its own code says only that something in it failed
        codes |= {failed.get("code") for failed in error.details.get("writeErrors", [])}
    return is_away(error) or bool(codes & SERVER_AT_FAULT) or any(map(error.has_error_label, labels))


class Delivery:
    """What one consumer group does with the batches of its partitions.

    `apply` is idempotent and goes through the events once, which are read as it does: they need not all be in memory.
    `skip` is told the stream and version of an event that an operator dropped.
    """

    def __init__(self, parking: Parking, apply: Apply, skip: Skip | None = None) -> None:
        self._parking = parking
        self._apply = apply
        self._skip = skip

    async def deliver(self, records: Sequence[RawRecord]) -> None:
        """Apply or park each of these records of one partition."""
        first = records[0]
        await _persist(
            lambda: self._deliver(records), topic=first.topic, partition=first.partition, offset=first.offset
        )

    async def ordered(self) -> set[tuple[str, int]]:
        """The partitions in which an operator ordered something to be done. Raises PyMongoError."""
        return await self._parking.ordered()

    async def obey(self, topic: str, partition: int, *, begun: bool) -> bool:
        """Let the parked streams of the partition go on for which that was ordered, or is due: a second or so of it.

        Whether all of it is done.
        """
        return await _persist(lambda: self._obey(topic, partition, begun=begun), topic=topic, partition=partition)

    async def _deliver(self, records: Sequence[RawRecord]) -> None:
        known = await self._parking.known_of(records)
        to_park: dict[int, Unread] = {}
        try:
            await self._apply(envelope for _, envelope in read(records, known, to_park))
        except Exception as error:
            if passes_by_itself(error):
                raise
            if len(records) > PIECE:  # only the piece with the event at fault need be gone through one by one
                for start in range(0, len(records), PIECE):
                    await self._deliver(records[start : start + PIECE])
                return
            log.warning("batch_applied_one_by_one", error=type(error).__name__, records=len(records))
            await self._apply_one_by_one(list(read(records, known, to_park)))
        for unread in to_park.values():
            await self._park(*unread)

    async def _apply_one_by_one(self, events: Sequence[Read]) -> None:
        streams: dict[Place, list[Read]] = defaultdict(list)
        for record, envelope in events:
            streams[place_of(record)].append((record, envelope))
        turn = asyncio.Semaphore(STREAMS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for stream in streams.values():
                group.create_task(self._apply_stream(stream, turn))

    async def _apply_stream(self, stream: Sequence[Read], turn: asyncio.Semaphore) -> None:
        async with turn:
            blocked = False
            for record, envelope in stream:
                end_if_cancelled()
                if blocked:
                    await self._park(record, BEHIND)
                elif reason := await self._try(envelope):
                    await self._park(record, reason)
                    blocked = True

    async def _try(self, envelope: Envelope[Event]) -> str | None:
        """None once it is applied, or why it cannot be."""
        reason = None
        for pause in (*RETRY_SECONDS, None):
            try:
                await self._apply([envelope])
            except Exception as error:
                if passes_by_itself(error):
                    raise
                reason = type(error).__name__  # never its text: a database error quotes the document
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return None
        return reason

    async def _park(self, record: RawRecord, reason: str, waits: bool = False) -> None:
        if reason != BEHIND:
            log.error("parked", **place_in_logs(record), reason=reason)
        await self._parking.park(record, reason, waits=waits)

    async def _obey(self, topic: str, partition: int, *, begun: bool) -> bool:
        until = time.monotonic() + OBEY_SECONDS
        for place in await self._parking.due(topic, partition, begun=begun):
            if not await self._go_on(place, until):
                return False
        return True

    async def _go_on(self, place: Place, until: float) -> bool:
        """Apply what is parked of a stream, oldest first, until a record cannot be; False where time ran out before."""
        while record := await self._parking.first(place):
            end_if_cancelled()
            if time.monotonic() > until:
                return False
            goes_on = await (self._drop(record) if record.order == "drop" else self._redrive(record))
            if not goes_on:
                break
        return True

    async def _redrive(self, record: ParkedRecord) -> bool:
        try:
            reason = await self._try(event_in(record))
        except (Unreadable, NewerVersion) as error:
            await self._parking.keep(record, str(error), waits=isinstance(error, NewerVersion))
            return False
        if reason:
            await self._parking.keep(record, reason)
            return False
        await self._parking.release(record)
        log.info("redriven", **place_in_logs(record))
        return True

    async def _drop(self, record: ParkedRecord) -> bool:
        version = version_in(record.headers)
        if self._skip and version:
            try:
                await self._skip(record.key.decode(errors="replace"), version)
            except Exception as error:
                if passes_by_itself(error):
                    raise
                await self._parking.keep(record, type(error).__name__)
                return False
        await self._parking.drop(record)
        log.warning("dropped", **place_in_logs(record))
        return True


def _name_of(error: Exception) -> str:
    return _name_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else type(error).__name__


async def _persist(work: Callable[[], Awaitable[T]], **place: object) -> T:
    """Try until it is done, with growing pauses: what is not done must not be passed over."""
    pause = RETRY_SECONDS[0]
    while True:
        try:
            return await work()
        except Exception as error:
            end_if_cancelled()  # the telling got lost in the error
            log.warning("delivery_waits", error=_name_of(error), seconds=pause, **place)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
