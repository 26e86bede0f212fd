"""The delivery: a batch of raw records reaches projectors and reactors, and what cannot be applied is parked.

It returns only when every record is applied or parked, so that the offsets may be committed; while MongoDB is away
it waits. A record whose content is at fault is tried a bounded number of times, alone, before it is parked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from pymongo.errors import ConnectionFailure

from eventlog.parking import Parking, RawRecord
from medonline_contracts.envelope import Envelope, Event, NewerVersion, Tombstone, Unreadable
from medonline_contracts.wire import parse

log = structlog.get_logger(__name__)

Apply = Callable[[Sequence[Envelope[Event]]], Awaitable[None]]
RETRY_SECONDS = (0.05, 0.2, 1.0)
LONGEST_PAUSE_SECONDS = 5.0


class Delivery:
    """What one consumer group does with a batch: `appliers` in turn, each idempotent."""

    def __init__(self, parking: Parking, *appliers: Apply) -> None:
        self._parking = parking
        self._appliers = appliers

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
        blocked = await self._parking.blocked(records)
        readable: list[tuple[RawRecord, Envelope[Event]]] = []
        for record in records:
            if (record.topic, record.key or b"") in blocked:
                await self._parking.park(record, "behind a parked event")
                continue
            try:
                envelope = parse(record.key, record.headers, record.value)
            except (Unreadable, NewerVersion) as error:
                await self._park(record, str(error))
                blocked.add((record.topic, record.key or b""))
                continue
            if not isinstance(envelope, Tombstone):
                readable.append((record, envelope))
        await self._apply_together(readable)

    async def _apply_together(self, readable: Sequence[tuple[RawRecord, Envelope[Event]]]) -> None:
        try:
            await self._apply([envelope for _, envelope in readable])
        except ConnectionFailure:
            raise
        except Exception as error:
            log.warning("batch_applied_one_by_one", error=type(error).__name__, records=len(readable))
            await self._apply_one_by_one(readable)

    async def _apply_one_by_one(self, readable: Sequence[tuple[RawRecord, Envelope[Event]]]) -> None:
        blocked: set[str] = set()
        for record, envelope in readable:
            if envelope.stream_id in blocked:
                await self._parking.park(record, "behind a parked event")
            elif reason := await self._try_alone(envelope):
                await self._park(record, reason)
                blocked.add(envelope.stream_id)

    async def _try_alone(self, envelope: Envelope[Event]) -> str | None:
        """None once it is applied, or why it cannot be."""
        reason = None
        for pause in (*RETRY_SECONDS, None):
            try:
                await self._apply([envelope])
            except ConnectionFailure:
                raise
            except Exception as error:
                reason = type(error).__name__  # never its text: a database error quotes the document
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return None
        return reason

    async def _apply(self, envelopes: Sequence[Envelope[Event]]) -> None:
        if envelopes:
            for apply in self._appliers:
                await apply(envelopes)

    async def _park(self, record: RawRecord, reason: str) -> None:
        log.error("parked", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason)
        await self._parking.park(record, reason)
