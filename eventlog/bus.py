"""The bus of one service: its relay to Kafka and its listeners on Kafka, prepared, kept alive and watched together.

A process that only answers requests has one that does not work: it prepares the same, and follows which generation of
the views is read.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from prometheus_client import Gauge
from pymongo.errors import PyMongoError

from eventlog.access import KafkaAccess
from eventlog.agreement import Agreement
from eventlog.delivery import Apply, Delivery, Skip
from eventlog.generations import Generations, Pointer
from eventlog.lease import Lease
from eventlog.listener import Listener
from eventlog.measures import Measured
from eventlog.measuring import Measuring, Source
from eventlog.parking import Parking
from eventlog.process import background, once_available
from eventlog.projection import Projection, Views
from eventlog.relay import Relay
from eventlog.settling import Forget, SettleStream, Settling
from eventlog.sources import sources_of
from eventlog.state_feed import StateFeed, StateOf
from eventlog.store import EventStore
from eventlog.supervisor import Looks, Part, supervise, turns
from eventlog.turn import producer_of
from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

REACTED_AT_ONCE = 100  # each is a transaction of its own: a second or two in hand


class Prepared(Protocol):
    """Something that needs its indexes before it is used."""

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""


class Reader(Part, Protocol):
    """A part that reads topics."""

    def gets_on(self) -> bool:
        """Whether what it has in hand is not in hand for too long."""


class Bus:
    """What a service with a log does beside answering requests; `topic` is the one that its log goes to.

    Unless it `works`, another process of the service does that. `prepared` is set once all is made in MongoDB.
    """

    def __init__(self, store: EventStore, topic: Topic, kafka: KafkaAccess, *, works: bool = True) -> None:
        self._store = store
        self._kafka = kafka
        self._works = works
        lease = Lease(store.database, f"relay.{topic.name}")
        self._agreement = Agreement(store, topic, kafka)
        relay = Relay(store, self._agreement, lease, lambda: producer_of(kafka, topic))
        self._looks = Looks()
        self._writers: list[Relay | StateFeed] = [relay]
        self._listeners: list[Listener] = []
        self._generations: list[Generations] = []
        self._pointers: list[Pointer] = []
        self._others: list[Part] = []
        self._sources = sources_of(store, topic, kafka, self._readers)
        self._to_prepare: list[Prepared] = [store]
        self.prepared = asyncio.Event()

    def listen(self, group: str, topics: Sequence[Topic], apply: Apply, skip: Skip | None = None) -> None:
        """A consumer group of this service: hands what is on the topics to `apply`, which is idempotent.

        `skip` is told of the events that an operator dropped.
        """
        parking = Parking(self._store.database, group)
        self._to_prepare.append(parking)
        delivery = Delivery(parking, apply, skip)
        self._listeners.append(Listener(self._kafka, group, topics, delivery, REACTED_AT_ONCE))

    def project(self, projection: Projection) -> Views:
        """Keep these views current; the answer are the collections to read."""
        views = Views(self._store.database, projection)
        self._to_prepare += [views, Parking(self._store.database, projection.name)]
        self._generations.append(Generations(views, self._kafka, self._looks))
        self._pointers.append(Pointer(views))
        return views

    def tell_state(self, views: Views, collection: str, topic: Topic, state_of: StateOf) -> None:
        """Keep the compacted topic saying how each document of this collection stands."""
        self._writers.append(StateFeed(views, collection, topic, self._kafka, state_of, self._agreement.holds))

    def settle(self, settle_stream: SettleStream, forget: Forget | None = None) -> None:
        """What this service does when its log was brought back from Kafka after a backup was restored."""
        self._agreement.settling = Settling(self._store, settle_stream, forget)

    def keep_alive(self, part: Part) -> None:
        """Work of the service's own beside relay and listeners, such as a timer."""
        self._others.append(part)

    def measure(self, name: str, gauge: Gauge, ask: Callable[[], Awaitable[float]]) -> None:
        """Measure something of the service's own; the gauge has no labels."""

        async def measured() -> Measured:
            return {gauge: {(): await ask()}}

        self._sources.append(Source(name, [gauge], measured))

    @asynccontextmanager
    async def running(self, *parts: Prepared) -> AsyncIterator[None]:
        """Prepare all parts as soon as MongoDB answers, then run until the body is left."""
        async with background(self._run([*self._to_prepare, *parts])):
            yield

    def checks(self) -> Mapping[str, Callable[[], Awaitable[bool]]]:
        """What readiness asks: does MongoDB answer, and does what this process does beside requests get on?"""
        if not self._works:
            return {"mongodb": self._mongodb_answers, "views": self._views_are_known}
        checks = {"mongodb": self._mongodb_answers, "relay": self._relay_turns, "listeners": self._listeners_turn}
        return {**checks, **{part.name: _check_of(part) for part in self._others}}

    def is_alive(self) -> bool:
        """Whether each part is looked after. Not whether it gets on: nothing that is away comes back by a new start."""
        return not self._looks.stuck()

    async def _run(self, to_prepare: Sequence[Prepared]) -> None:
        for each in to_prepare:
            try:
                await once_available(each.prepare)
            except PyMongoError as error:  # its text may quote a document
                log.critical("not_prepared", part=type(each).__name__, error=type(error).__name__)
                raise
        self.prepared.set()
        async with asyncio.TaskGroup() as group:
            for part in self._parts():
                group.create_task(supervise(part, self._looks))
            await asyncio.Event().wait()  # also where there is no part at all

    def _parts(self) -> list[Part]:
        if not self._works:
            return [*self._pointers]
        return [*self._writers, *self._listeners, *self._generations, *self._others, Measuring(self._sources)]

    def _readers(self) -> list[Listener]:
        return [*self._listeners, *(one for generations in self._generations for one in generations.listeners())]

    async def _mongodb_answers(self) -> bool:
        return bool(await self._store.database.command("ping"))

    async def _views_are_known(self) -> bool:
        return all(map(turns, self._pointers))

    async def _relay_turns(self) -> bool:
        return not self._agreement.refuses and all(map(turns, self._writers))

    async def _listeners_turn(self) -> bool:
        readers: list[Reader] = [*self._listeners, *self._generations]
        return all(turns(reader) and reader.gets_on() for reader in readers)


def _check_of(part: Part) -> Callable[[], Awaitable[bool]]:
    async def part_turns() -> bool:
        return turns(part)

    return part_turns
