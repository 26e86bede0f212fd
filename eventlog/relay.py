"""The relay: carries a service's log to its Kafka topic, in version order per stream, and never skips.

The log is the outbox: an unpublished event is one whose `published` is false. A change stream wakes the relay, a sweep
is the guarantee. What a crash left unmarked is found in the topic when the next turn begins; while the topic holds what
the log does not know, nothing is published.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from opentelemetry.trace import SpanKind
from pymongo import ASCENDING
from pymongo.errors import PyMongoError

from eventlog.agreement import Agreement
from eventlog.changes import changes_in
from eventlog.documents import record_of
from eventlog.lease import Lease
from eventlog.measures import PUBLISHED
from eventlog.process import cancelled
from eventlog.store import UNPUBLISHED, Document, EventStore
from eventlog.tracing import TOPIC, batch
from eventlog.turn import SWEEP_SECONDS, ProducerFactory, Turn

log = structlog.get_logger(__name__)

STREAMS_AT_ONCE = 200
EVENTS_AT_ONCE = 2000


class Relay:
    """Publishes the log of one service to its topic, with which it has to be in agreement."""

    def __init__(self, store: EventStore, agreement: Agreement, lease: Lease, new_producer: ProducerFactory) -> None:
        self.name = lease.name
        self._events = store.events
        self._agreement = agreement
        self._topic = agreement.topic
        self._turn = Turn(lease, new_producer)
        self._wake = asyncio.Event()

    @property
    def last_turn(self) -> float:
        """When it last got on, in monotonic seconds."""
        return self._turn.last_turn

    async def run(self) -> None:
        """One life: publish for as long as it is this process's turn, wait for it while it is another's."""
        watcher = asyncio.create_task(self._watch())
        try:
            await self._turn.run(self._publish, self._agreement.is_anothers)
        finally:
            watcher.cancel()
            await asyncio.wait([watcher], timeout=SWEEP_SECONDS)

    async def _publish(self, producer: AIOKafkaProducer) -> None:
        await self._agreement.require(self._turn.got_on)
        while await self._turn.lasts():
            self._wake.clear()
            published = await self._publish_batch(producer)
            self._turn.got_on()
            if not published:
                await self._agreement.keep_place()
                with suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_SECONDS):
                        await self._wake.wait()

    async def _publish_batch(self, producer: AIOKafkaProducer) -> int:
        documents = await self._next_batch()
        if not documents:
            return 0
        with batch(f"publish {self._topic.name}", SpanKind.PRODUCER, {TOPIC: self._topic.name}) as spans:
            for document in documents:
                spans.saw(document["traceparent"], document["time"])
            await self._send(producer, documents)
        PUBLISHED.labels(self._topic.name).inc(len(documents))
        return len(documents)

    async def _send(self, producer: AIOKafkaProducer, documents: Sequence[Document]) -> None:
        async with producer.transaction():
            sent = [await producer.send(self._topic.name, **record_of(document)) for document in documents]
            written = await asyncio.gather(*sent)  # a commit alone does not say that each of them arrived
        await self._events.update_many(
            {"_id": {"$in": [document["_id"] for document in documents]}}, {"$set": {"published": True}}
        )
        await self._agreement.wrote(written)

    async def _next_batch(self) -> Sequence[Document]:
        """The next events of the streams that have waited longest: a prefix of each stream's unpublished ones.

        Ids follow clocks, and clocks err; so an id says only which streams come next, the version says in which order.
        Read from a snapshot: of one moment, so that no event is seen without its predecessor, and of what a majority
        has, so that nothing is published that a failover could take back.
        """
        async with self._events.database.client.start_session(snapshot=True) as moment:
            oldest = self._events.find(UNPUBLISHED, {"stream_id": 1}, session=moment).sort("_id", ASCENDING)
            streams = {document["stream_id"] async for document in oldest.limit(STREAMS_AT_ONCE)}
            of_streams = UNPUBLISHED | {"stream_id": {"$in": sorted(streams)}}
            ordered = self._events.find(of_streams, session=moment).sort([("stream_id", 1), ("version", 1)])
            return await ordered.limit(EVENTS_AT_ONCE).to_list()

    async def _watch(self) -> None:
        """Be woken by what is appended; whatever happens to this stream, a lost place in it too, it begins anew."""
        while not cancelled():
            try:
                async with await self._events.watch([{"$match": {"operationType": "insert"}}]) as changes:
                    async for _ in changes_in(changes):
                        self._wake.set()
            except PyMongoError as error:
                log.warning("relay_watch_interrupted", topic=self._topic.name, error=type(error).__name__)
                await asyncio.sleep(SWEEP_SECONDS)
