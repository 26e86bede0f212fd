"""The listener: one consumer group at the Kafka door. Raw batches in, explicit commits out.

Each partition has a lane of its own, which fetches, delivers and commits; while it delivers, the consumer already
fetches what comes next. A rebalance waits for the lanes, so that no two members work on one partition.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.access import KafkaAccess
from eventlog.lane import Deliver, Lane, Stuck
from eventlog.measures import APPLIED
from eventlog.process import cancelled
from eventlog.supervisor import NEVER, STALLED_SECONDS
from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

SESSION_MILLISECONDS = 6_000  # the least a broker allows: so long do the others wait for a member that was killed
GOODBYE_SECONDS = 3.0  # for leaving the group, where Kafka answers
REBALANCE_MILLISECONDS = 15_000
FINISH_SECONDS = 5.0  # for the batch in hand when a partition is taken away; less than the rebalance may take
PARTITION_FETCH_BYTES = 4 << 20
FOLDED_AT_ONCE = 10_000  # the more at once, the more events of one stream fold into one write; and the more memory
LOOK_SECONDS = 0.5
TURNS_A_LOOK = 4  # at the ends of the partitions, which costs a request
TURNS_A_MINUTE = 120
NOTHING = TopicPartition("", 0)


class TopicMissing(Exception):
    """A topic that this group reads is not there."""


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """One consumer group of a service: hands each batch, of `at_once` records at most, on and then commits it."""

    def __init__(
        self,
        kafka: KafkaAccess,
        group: str,
        topics: Sequence[Topic],
        delivery: Deliver,
        at_once: int = FOLDED_AT_ONCE,
    ) -> None:
        self.name = group
        self.last_turn = NEVER
        self._kafka = kafka
        self.topics = [topic.name for topic in topics]
        self._delivery = delivery
        self._at_once = at_once
        self._applied = APPLIED.labels(group)
        self._lanes: dict[TopicPartition, Lane] = {}
        self._is_member = False
        self._looked_at = NEVER
        self._goodbyes: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """One life of the consumer. Raises where it cannot go on; the supervisor begins another."""
        consumer = self._consumer = self._new_consumer()
        self._ending = False
        try:
            await consumer.start()
            await self._require_topics()
            consumer.subscribe(self.topics, listener=self)
            for turn in count():
                if cancelled():
                    break
                # A poll for nothing: the group's coordinator takes us for dead where nobody polls for long, and
                # lanes may take as long as they need.
                await consumer.getmany(NOTHING, timeout_ms=0)
                await self._look_after_lanes(remember=turn % TURNS_A_MINUTE == 0)
                if turn % TURNS_A_LOOK == 0:
                    await self._look_for_stuck_lanes()
                self.last_turn = time.monotonic()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._ending = True
            await self._stop_lanes()
            await self._leave(consumer)

    def gets_on(self) -> bool:
        """Whether every lane has begun, Kafka answers, and no batch is in hand too long, as when MongoDB is away."""
        lanes = self._lanes.values()
        begun = self._is_member and all(lane.has_fetched and not lane.halts() for lane in lanes)
        in_touch = time.monotonic() - self._looked_at < STALLED_SECONDS
        return begun and in_touch and all(lane.in_hand_seconds() < STALLED_SECONDS for lane in lanes)

    def halted(self) -> int:
        """How many of its partitions stand still until somebody acts."""
        return sum(lane.halts() for lane in self._lanes.values())

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Called by aiokafka before the partitions go to another member."""
        await self._stop_lanes()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called by aiokafka; the committed offsets say where to go on."""
        await self._stop_lanes()
        if self._ending:
            return
        self._is_member = True
        told = self._delivery, self._at_once, self._applied
        self._lanes = {place: Lane(self._consumer, place, *told) for place in assigned}
        for lane in self._lanes.values():
            lane.start()

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._kafka.options(),
            group_id=self.name,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=SESSION_MILLISECONDS // 3,
            rebalance_timeout_ms=REBALANCE_MILLISECONDS,
            request_timeout_ms=10_000,
        )

    async def _require_topics(self) -> None:
        there = await self._consumer.topics()
        if missing := [topic for topic in self.topics if topic not in there]:
            raise TopicMissing(f"{', '.join(missing)}: create it with the contracts' partitions, or let us read it")

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        """Leave the group; what takes long goes on by itself: a farewell that is cancelled leaves sockets open."""
        goodbye = asyncio.create_task(consumer.stop())
        self._goodbyes.add(goodbye)
        goodbye.add_done_callback(self._goodbyes.discard)
        if (await asyncio.wait([goodbye], timeout=GOODBYE_SECONDS))[0]:
            with suppress(KafkaError):
                goodbye.result()

    async def _look_after_lanes(self, *, remember: bool) -> None:
        """Raise what ended a lane, unless it halts alone; tell lanes of orders.

        `remember`: tell all of them, for what is due without an order.
        """
        for lane in self._lanes.values():
            if lane.halts():
                if remember:  # it may have been mended
                    lane.start()
                continue
            lane.raise_failure()
            lane.has_orders |= remember
        with suppress(PyMongoError):  # then orders wait
            for place in await self._delivery.ordered():
                if ordered := self._lanes.get(TopicPartition(*place)):
                    ordered.has_orders = True

    async def _look_for_stuck_lanes(self) -> None:
        """A consumer that reports nothing although there is something has to be made anew."""
        idle = {place: lane for place, lane in self._lanes.items() if lane.idle_seconds() > Stuck.AFTER_SECONDS}
        if idle:
            try:
                ends = await self._consumer.end_offsets(list(idle))
            except KafkaError as error:  # its own client comes back by itself, as the member of the group that it was
                log.warning("kafka_unreachable", group=self.name, error=type(error).__name__)
                return
            for place, lane in idle.items():
                if self._lanes.get(place) is lane:
                    await lane.require_position(ends[place])
        self._looked_at = time.monotonic()

    async def _stop_lanes(self) -> None:
        lanes, self._lanes = self._lanes, {}
        self._is_member = False
        await asyncio.gather(*(lane.stop(FINISH_SECONDS) for lane in lanes.values()))
