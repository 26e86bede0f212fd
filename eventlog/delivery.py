"""The delivery: a batch of raw records reaches projectors and reactors, and what cannot be applied is parked.

It returns only when every record is applied or parked, so that the offsets may be committed; while MongoDB is away,
or an event is of a version newer than this code, it waits and says so. A record whose content is at fault is tried a
bounded number of times, alone, before it is parked.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

import structlog
from pymongo.errors import ConnectionFailure, PyMongoError

from eventlog.parking import Parking, RawRecord, place_of
from medonline_contracts.envelope import Envelope, Event, Tombstone, Unreadable
from medonline_contracts.wire import parse

log = structlog.get_logger(__name__)

Apply = Callable[[Sequence[Envelope[Event]]], Awaitable[None]]
RETRY_SECONDS = (0.05, 0.2, 1.0)
LONGEST_PAUSE_SECONDS = 5.0
BEHIND = "behind a parked event"
NOWHERE = sys.maxsize


def passes_by_itself(error: Exception) -> bool:
    """Whether it is MongoDB that is away or too slow, and not the event that is at fault."""
    if not isinstance(error, PyMongoError):
        return False
    labels = ("TransientTransactionError", "RetryableWriteError")
    return isinstance(error, ConnectionFailure) or error.timeout or any(map(error.has_error_label, labels))


class Delivery:
    """What one consumer group does with a batch; `apply` is idempotent."""

    def __init__(self, parking: Parking, apply: Apply) -> None:
        self._parking = parking
        self._apply_all = apply

    async def deliver(self, records: Sequence[RawRecord]) -> None:
        """Apply or park each record; while neither can be done it waits, with growing pauses, and never skips."""
        pause = RETRY_SECONDS[0]
        while True:
            try:
                return await self._deliver(records)
            except Exception as error:
                log.warning("delivery_waits", error=type(error).__name__, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _deliver(self, records: Sequence[RawRecord]) -> None:
        parked_from = await self._parking.parked_from(records)
        readable: list[tuple[RawRecord, Envelope[Event]]] = []
        for record in records:
            if record.offset >= parked_from.get(place_of(record), NOWHERE):
                await self._parking.park(record, BEHIND)
                continue
            try:
                envelope = parse(record.key, record.headers, record.value)
            except Unreadable as error:
                await self._park(record, str(error))
                parked_from[place_of(record)] = record.offset
                continue
            if not isinstance(envelope, Tombstone):
                readable.append((record, envelope))
        await self._apply_together(readable)

    async def _apply_together(self, readable: Sequence[tuple[RawRecord, Envelope[Event]]]) -> None:
        try:
            await self._apply([envelope for _, envelope in readable])
        except Exception as error:
            if passes_by_itself(error):
                raise
            log.warning("batch_applied_one_by_one", error=type(error).__name__, records=len(readable))
            await self._apply_one_by_one(readable)

    async def _apply_one_by_one(self, readable: Sequence[tuple[RawRecord, Envelope[Event]]]) -> None:
        blocked: set[str] = set()
        for record, envelope in readable:
            if envelope.stream_id in blocked:
                await self._parking.park(record, BEHIND)
            elif reason := await self._try_alone(envelope):
                await self._park(record, reason)
                blocked.add(envelope.stream_id)

    async def _try_alone(self, envelope: Envelope[Event]) -> str | None:
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

    async def _apply(self, envelopes: Sequence[Envelope[Event]]) -> None:
        if envelopes:
            await self._apply_all(envelopes)

    async def _park(self, record: RawRecord, reason: str) -> None:
        log.error("parked", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason)
        await self._parking.park(record, reason)
