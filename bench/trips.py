"""Two trips of an event, each with a stopwatch: the whole way from the log to the view, and the bare one on Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import quantiles

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo.asynchronous.collection import AsyncCollection

from bench.cards import Record, card_id, records
from bench.ground import Ground
from bench.topic import producer_to, topic_called
from eventlog.process import cancelled, wait_until
from eventlog.store import Document, EventStore
from medonline_contracts.cards import PatientCardAdded
from medonline_contracts.envelope import Origin
from services.cards.views import PATIENT_CARDS

LOOK_SECONDS = 0.01  # more often would cost more than what is measured
APPENDS_AT_ONCE = 50  # where the machine falls behind, more of them side by side would only be slower
PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Stopwatch:
    """When each event set out and how long it took, in seconds; events are known by their card's id."""

    out: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def start(self, event: str) -> None:
        """The event sets out now."""
        self.out[event] = time.perf_counter()

    def stop(self, event: str) -> None:
        """The event has arrived, seen now."""
        self.took.append(time.perf_counter() - self.out.pop(event))

    def milliseconds(self, percent: int) -> float:
        """A percentile of the events that have arrived."""
        return quantiles(self.took, n=100, method="inclusive")[percent - 1] * 1000

    async def all_arrived(self) -> None:
        """Wait for those that are still under way."""
        if not await wait_until(self._none_is_out, PATIENCE_SECONDS):
            raise SystemExit(f"{len(self.out)} events have not arrived within {PATIENCE_SECONDS:.0f} s")

    async def _none_is_out(self) -> bool:
        return not self.out


class WholeWay:
    """From the store's `append` to a query that finds the document; relay and listener run in the service's process."""

    def __init__(self, ground: Ground, first: int) -> None:
        self._store = EventStore(ground.database, "cards")
        self._cards: AsyncCollection[Document] = ground.database[PATIENT_CARDS]
        self._people = [event_of(record) for record in records(100, 1, first)]
        self._first = first
        self._at_once = asyncio.Semaphore(APPENDS_AT_ONCE)
        self.watch = Stopwatch()

    async def prepare(self) -> None:
        """Make the log's collections: MongoDB would have them wait for each other, made in a flood of appends."""
        await self._store.prepare()

    async def send(self, number: int) -> None:
        """Let the event with this number set out."""
        card = card_id(number, self._first)
        self.watch.start(card)
        async with self._at_once:
            await self._store.append(card, [self._people[number % 100]], expected_version=0, origin=Origin(card))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for what has arrived while the body runs."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look(self) -> None:
        while not cancelled():
            found = self._cards.find({"_id": {"$in": list(self.watch.out)}}, {"_id": 1})
            for card in await found.to_list():
                self.watch.stop(card["_id"])
            await asyncio.sleep(LOOK_SECONDS)


class BareTrip:
    """From `send` to a consumer of committed records; what comes together travels in one transaction."""

    def __init__(self, ground: Ground, topic: str, first: int) -> None:
        self._topic = topic_called(topic)
        self._ground = ground
        self._waiting: asyncio.Queue[Record] = asyncio.Queue()
        self._people = list(records(100, 1, first))
        self._first = first
        self.watch = Stopwatch()

    async def send(self, number: int) -> None:
        """Let the event with this number set out."""
        person = self._people[number % 100]
        card = card_id(number, self._first)
        self.watch.start(card)
        await self._waiting.put(Record(person.partition, card.encode(), person.value, person.headers, True))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Produce and consume while the body runs."""
        producer = producer_to(self._ground.bootstrap_servers, self._topic)
        consumer = AIOKafkaConsumer(
            self._topic.name, bootstrap_servers=self._ground.bootstrap_servers, isolation_level="read_committed"
        )
        async with producer, consumer:
            await consumer.seek_to_end()
            work = [asyncio.create_task(self._produce(producer)), asyncio.create_task(self._consume(consumer))]
            try:
                yield
            finally:
                for task in work:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    async def _produce(self, producer: AIOKafkaProducer) -> None:
        while not cancelled():
            records = [await self._waiting.get()]
            while not self._waiting.empty():
                records.append(self._waiting.get_nowait())
            async with producer.transaction():
                for record in records:
                    await producer.send(
                        self._topic.name, record.value, record.key, record.partition, headers=record.headers
                    )

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        while not cancelled():
            for batch in (await consumer.getmany(timeout_ms=1_000)).values():
                for record in batch:
                    self.watch.stop(record.key.decode())


def event_of(record: Record) -> PatientCardAdded:
    """The event in a record."""
    return PatientCardAdded.model_validate_json(record.value)
