"""The lane: one partition of a listener. It fetches a batch, has it delivered, commits it, and so on, in order."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from prometheus_client import Counter

from eventlog.halts import HALTS, HistoryLost, RecordUnreadable
from eventlog.process import cancelled

log = structlog.get_logger(__name__)

POLL_MILLISECONDS = 1_000
ABANDONED_SECONDS = 1.0


class Stuck(Exception):
    """The consumer hands out nothing although the partition has more."""

    AFTER_SECONDS = 4.0


class Deliver(Protocol):
    """Who the batches go to."""

    async def deliver(self, records: Sequence[ConsumerRecord]) -> None:
        """Return when each record is applied or parked."""

    async def obey(self, topic: str, partition: int, *, begun: bool) -> bool:
        """Do what operators ordered for this partition; whether all is done. `begun`: the lane has just begun."""

    async def ordered(self) -> Iterable[tuple[str, int]]:
        """The partitions (topic, number) in which something is to be done."""


class Lane:
    """The work on one partition from its assignment until it is taken away."""

    def __init__(
        self, consumer: AIOKafkaConsumer, place: TopicPartition, delivery: Deliver, at_once: int, applied: Counter
    ) -> None:
        self.has_orders = False
        self.has_fetched = False
        self._consumer = consumer
        self._place = place
        self._delivery = delivery
        self._most_at_once = self._at_once = at_once
        self._applied = applied
        self._in_hand = asyncio.Lock()
        self._taken_at: float | None = None
        self._let_go_at = time.monotonic()
        self._committed = 0
        self._end_seen = 0

    def start(self) -> None:
        """Begin, or begin again; `raise_failure` says when it has failed."""
        self._task = asyncio.create_task(self._run(), name=f"{self._place.topic}/{self._place.partition}")

    async def stop(self, seconds: float) -> None:
        """Let the batch in hand be finished and committed, or abandon it after so many seconds."""
        try:
            async with asyncio.timeout(seconds), self._in_hand:
                pass
        except TimeoutError:
            log.warning("batch_abandoned", topic=self._place.topic, partition=self._place.partition)
        finally:
            self._task.cancel()  # before it can take the next batch, and even where the stopping itself is cancelled
        await asyncio.wait([self._task], timeout=ABANDONED_SECONDS)

    def raise_failure(self) -> None:
        """Raise what ended the lane, if anything did."""
        if self._task.done() and not self._task.cancelled():
            self._task.result()

    def halts(self) -> bool:
        """Whether this partition stands still until somebody does what the log says; the others go on."""
        return self._task.done() and not self._task.cancelled() and isinstance(self._task.exception(), HALTS)

    def in_hand_seconds(self) -> float:
        """For how long a batch has been in hand; 0 while there is none."""
        return time.monotonic() - taken_at if (taken_at := self._taken_at) else 0

    def idle_seconds(self) -> float:
        """For how long nothing came; 0 while a batch is in hand."""
        return 0 if self._taken_at else time.monotonic() - self._let_go_at

    async def require_position(self, end: int) -> None:
        """Raise `Stuck` where an idle lane has not come to the end that was seen the time before."""
        seen, self._end_seen = self._end_seen, end
        if self.idle_seconds() <= Stuck.AFTER_SECONDS or self._task.done():
            return
        try:
            async with asyncio.timeout(Stuck.AFTER_SECONDS):
                stuck = await self._consumer.position(self._place) < seen
        except TimeoutError:
            stuck = True
        except IllegalStateError:  # the partition was taken away meanwhile
            return
        if stuck:
            raise Stuck(f"{self._place.topic}/{self._place.partition}")

    async def _run(self) -> None:
        try:
            await self._work()
        except HALTS as error:
            log.critical("partition_halts", topic=self._place.topic, partition=self._place.partition, reason=str(error))
            raise

    async def _work(self) -> None:
        await self._obey(begun=True)
        while not cancelled():
            records = await self._fetch()
            self.has_fetched = True
            if records:
                await self._deliver(records)
            else:
                await self._commit_markers()
            if self.has_orders:
                self.has_orders = False
                await self._obey(begun=False)

    async def _fetch(self) -> Sequence[ConsumerRecord]:
        try:
            batch = await self._consumer.getmany(self._place, timeout_ms=POLL_MILLISECONDS, max_records=self._at_once)
        except NoOffsetForPartitionError:
            if (await self._consumer.beginning_offsets([self._place]))[self._place]:
                raise HistoryLost(self._place) from None
            await self._consumer.seek_to_beginning(self._place)
            return ()
        except OffsetOutOfRangeError:
            raise HistoryLost(self._place) from None
        except (UnicodeDecodeError, CorruptRecordException):
            return await self._come_nearer()
        records: Sequence[ConsumerRecord] = batch.get(self._place, ())
        self._at_once = min(2 * self._at_once, self._most_at_once)
        return records

    async def _come_nearer(self) -> Sequence[ConsumerRecord]:
        """What comes before a record that cannot be read is good, and lost with it in one fetch: so fewer at once."""
        position = await self._consumer.position(self._place)
        if self._at_once == 1:
            raise RecordUnreadable(self._place, position)
        self._at_once = 1
        self._consumer.seek(self._place, position)
        return ()

    async def _deliver(self, records: Sequence[ConsumerRecord]) -> None:
        async with self._in_hand:
            self._taken_at = time.monotonic()
            await self._delivery.deliver(records)
            self._applied.inc(len(records))
            await self._commit(records[-1].offset + 1)
            self._taken_at, self._let_go_at = None, time.monotonic()

    async def _obey(self, *, begun: bool) -> None:
        async with self._in_hand:
            self._taken_at = time.monotonic()
            done = await self._delivery.obey(self._place.topic, self._place.partition, begun=begun)
            self.has_orders |= not done  # the rest after the next batch: other streams must not wait for a long one
            self._taken_at, self._let_go_at = None, time.monotonic()

    async def _commit_markers(self) -> None:
        """Pass the transaction marks behind the last record: otherwise the group never seems to have caught up."""
        if self._consumer.highwater(self._place) is not None:  # otherwise nothing was fetched, and no position is known
            position = await self._consumer.position(self._place)
            if position > self._committed:
                await self._commit(position)

    async def _commit(self, offset: int) -> None:
        try:
            await self._consumer.commit({self._place: offset})
            self._committed = offset
        except KafkaError as error:
            # The batch will be read again, here or by another member, and applying it again changes nothing.
            log.warning("commit_refused", topic=self._place.topic, error=type(error).__name__)
