"""The turn: one process at a time writes to a topic, and the broker holds it to that.

A lease says whose turn it is, so that nobody works in vain. It alone does not protect: who was frozen past its lease
and wakes up would write behind its successor. The producer's transactional id does: once the successor has begun, the
broker refuses whatever the old one still sends or commits.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.access import KafkaAccess
from eventlog.lease import Lease
from eventlog.process import cancelled
from eventlog.supervisor import NEVER
from medonline_contracts.topics import Topic

SWEEP_SECONDS = 1.0

ProducerFactory = Callable[[], AIOKafkaProducer]
Write = Callable[[AIOKafkaProducer], Awaitable[None]]


def producer_of(kafka: KafkaAccess, topic: Topic) -> AIOKafkaProducer:
    """A producer that the broker lets write only while it is the newest writer of this topic."""
    return AIOKafkaProducer(
        **kafka.options(),
        transactional_id=transactional_id_of(topic),
        acks="all",
        compression_type="lz4",
        request_timeout_ms=10_000,
        transaction_timeout_ms=15_000,
    )


def transactional_id_of(topic: Topic) -> str:
    """What the broker knows the topic's writer by."""
    return f"relay.{topic.name}"


class Turn:
    """The right of one process to write to a topic."""

    def __init__(self, lease: Lease, new_producer: ProducerFactory) -> None:
        self.name = lease.name
        self.last_turn = NEVER
        self._lease = lease
        self._new_producer = new_producer

    async def run(self, write: Write, waits: Callable[[], None] = lambda: None) -> None:
        """Call `write` with a producer whenever it is this process's turn; `write` goes on while the turn `lasts`.

        `waits` is called again and again while it is another's.
        """
        try:
            while not cancelled():
                if await self._lease.acquire():
                    async with self._producing() as producer, self._prolonged():
                        await write(producer)
                else:
                    self.got_on()  # it is another's turn, who has said so within the lease
                    waits()
                await asyncio.sleep(SWEEP_SECONDS)
        finally:
            await self._lease.release()

    async def lasts(self) -> bool:
        """Whether it is still this process's turn; to be asked before each piece of work."""
        return not cancelled() and (self._lease.is_fresh() or await self._lease.acquire())

    def got_on(self) -> None:
        """Say that a piece of work is done, or that there was none."""
        self.last_turn = time.monotonic()

    @asynccontextmanager
    async def _prolonged(self) -> AsyncIterator[None]:
        """A long piece of work must not lose the lease to a successor, who would lose it again in the same way."""

        async def prolong() -> None:
            while not cancelled():
                await asyncio.sleep(SWEEP_SECONDS)
                with suppress(PyMongoError):
                    await self._lease.acquire()

        prolonging = asyncio.create_task(prolong())
        try:
            yield
        finally:
            prolonging.cancel()
            await asyncio.wait([prolonging], timeout=SWEEP_SECONDS)

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
