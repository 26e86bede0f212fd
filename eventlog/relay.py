"""The relay: carries a service's log to its Kafka topic, in version order per stream, and never skips.

The log is the outbox: an unpublished event is one whose `published` is false. A change stream wakes the relay,
a sweep is the guarantee. A lease says whose turn it is; the producer's transactional id makes the broker refuse a
relay that has been replaced without noticing. Published twice after a crash is possible, out of order is not.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo import ASCENDING, timeout
from pymongo.errors import PyMongoError

from eventlog.lease import Lease
from eventlog.process import cancelled
from eventlog.store import Document, EventStore, record_of
from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

STREAMS_AT_ONCE = 200
EVENTS_AT_ONCE = 2000
SWEEP_SECONDS = 1.0

ProducerFactory = Callable[[], AIOKafkaProducer]


def producer_of(bootstrap_servers: str, topic: Topic) -> AIOKafkaProducer:
    """A producer that the broker lets write only while it is the newest relay of this topic."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        transactional_id=f"relay.{topic.name}",
        acks="all",
        compression_type="lz4",
        request_timeout_ms=10_000,
        transaction_timeout_ms=15_000,
    )


class Relay:
    """Publishes the log of one service to its topic until it is cancelled."""

    def __init__(self, store: EventStore, topic: Topic, lease: Lease, new_producer: ProducerFactory) -> None:
        self.name = lease.name
        self.last_turn = time.monotonic()
        self._events = store.events
        self._topic = topic
        self._lease = lease
        self._new_producer = new_producer
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """One life: publish for as long as the lease is held, wait for it while another holds it."""
        watcher = asyncio.create_task(self._watch())
        try:
            while not cancelled():
                if await self._lease.acquire():
                    await self._publish_while_leased()
                self.last_turn = time.monotonic()
                await asyncio.sleep(SWEEP_SECONDS)
        finally:
            watcher.cancel()
            await self._lease.release()

    async def _publish_while_leased(self) -> None:
        async with self._producing() as producer:
            while not cancelled() and await self._lease.acquire():
                self.last_turn = time.monotonic()
                self._wake.clear()
                if not await self._publish_batch(producer):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(SWEEP_SECONDS):
                            await self._wake.wait()

    @asynccontextmanager
    async def _producing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = self._new_producer()
        try:
            await producer.start()
            yield producer
        finally:
            with suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(5):
                    await producer.stop()

    async def _publish_batch(self, producer: AIOKafkaProducer) -> int:
        documents = await self._next_batch()
        if not documents:
            return 0
        async with producer.transaction():
            sent = [await producer.send(self._topic.name, **record_of(document)) for document in documents]
            await asyncio.gather(*sent)  # a commit alone does not say that each of them arrived
        await self._events.update_many(
            {"_id": {"$in": [document["_id"] for document in documents]}}, {"$set": {"published": True}}
        )
        return len(documents)

    async def _next_batch(self) -> Sequence[Document]:
        """The next events of the streams that have waited longest: a prefix of each stream's unpublished ones.

        Ids follow clocks, and clocks err; so an id says only which streams come next, the version says in which order.
        """
        oldest = self._events.find({"published": False}, {"stream_id": 1}).sort("_id", ASCENDING)
        streams = {document["stream_id"] async for document in oldest.limit(STREAMS_AT_ONCE)}
        unpublished = self._events.find({"published": False, "stream_id": {"$in": sorted(streams)}})
        ordered = unpublished.sort([("stream_id", ASCENDING), ("version", ASCENDING)])
        return await ordered.limit(EVENTS_AT_ONCE).to_list()

    async def _watch(self) -> None:
        while True:
            try:
                with timeout(None):  # a stream that waits for changes has no end to come to
                    async with await self._events.watch([{"$match": {"operationType": "insert"}}]) as changes:
                        async for _ in changes:
                            self._wake.set()
            except PyMongoError as error:
                log.warning("relay_watch_interrupted", topic=self._topic.name, error=type(error).__name__)
                await asyncio.sleep(SWEEP_SECONDS)
