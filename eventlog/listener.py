"""The listener: one consumer group at the Kafka door, on FastStream. Raw batches in, explicit commits out.

Offsets are committed per partition after the batch is delivered, never by a timer. A rebalance waits until the batch
in hand is done, so that no two members work on one partition.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

Deliver = Callable[[Sequence[Any]], Awaitable[None]]
RECONNECT_SECONDS = 1.0
POLL_MILLISECONDS = 20  # after an empty poll FastStream sleeps as long again: half of it is the read model's delay
RECORDS_AT_ONCE = 2000
SESSION_MILLISECONDS = 6_000  # the least a broker allows: so long do the others wait for a member that was killed
STALLED_SECONDS = 30.0


def broker_of(bootstrap_servers: str) -> KafkaBroker:
    """A broker that never creates topics and never publishes unacknowledged."""
    return KafkaBroker(
        bootstrap_servers,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.MANUAL,
        logger=None,
    )


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """One consumer group of this service: hands each batch to `deliver`, then commits it."""

    def __init__(self, broker: KafkaBroker, group: str, topics: Sequence[Topic], deliver: Deliver) -> None:
        self.group = group
        self._deliver = deliver
        self._in_hand = asyncio.Lock()
        self._taken_at: float | None = None
        self._subscriber = broker.subscriber(
            *(topic.name for topic in topics),
            title=group,
            group_id=group,
            batch=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_records=RECORDS_AT_ONCE,
            batch_timeout_ms=POLL_MILLISECONDS,
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=SESSION_MILLISECONDS // 3,
            listener=self,
            no_reply=True,
            parser=_unparsed,
            decoder=_undecoded,
        )
        self._subscriber(self._on_batch)

    async def _on_batch(self, message: KafkaMessage) -> None:
        records: Sequence[ConsumerRecord] = message.raw_message
        async with self._in_hand:
            self._taken_at = time.monotonic()
            await self._deliver(records)
            await self._commit({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})
            self._taken_at = None

    def turns(self) -> bool:
        """Whether the consumer's task lives and no batch has been in hand for too long."""
        stalled = self._taken_at is not None and time.monotonic() - self._taken_at > STALLED_SECONDS
        return not stalled and not any(task.done() for task in self._subscriber.tasks)

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        try:
            if self._subscriber.consumer:
                await self._subscriber.consumer.commit(offsets)
        except KafkaError as error:
            # The batch will be read again, here or by another member, and applying it again changes nothing.
            log.warning("commit_refused", group=self.group, error=type(error).__name__)

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Called by aiokafka before the partitions go to another member: finish the batch in hand."""
        async with self._in_hand:
            pass

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Called by aiokafka; the committed offsets say where to go on."""


async def run_listeners(broker: KafkaBroker) -> None:
    """Run the broker's listeners until cancelled; waits for Kafka for as long as it is away."""
    try:
        while True:
            try:
                await broker.start()
                break
            except KafkaError as error:
                log.warning("kafka_unreachable", error=type(error).__name__)
                await broker.stop()
                await asyncio.sleep(RECONNECT_SECONDS)
        await asyncio.Event().wait()
    finally:
        await broker.stop()


async def _unparsed(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """FastStream's own parser decodes headers and drops a batch where one is null: ours reads nothing."""
    return KafkaMessage(body=b"", raw_message=records, consumer=FAKE_CONSUMER)


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    return message
