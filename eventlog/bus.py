"""The bus of one service: its relay to Kafka and its listeners on Kafka, prepared, kept alive and watched together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from eventlog.access import KafkaAccess
from eventlog.delivery import Apply, Delivery, Skip
from eventlog.generations import Generations
from eventlog.lease import Lease
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background, once_available
from eventlog.projection import Projection, Views
from eventlog.relay import Relay
from eventlog.state_feed import StateFeed, StateOf
from eventlog.store import EventStore
from eventlog.supervisor import Part, supervise, turns
from eventlog.turn import producer_of
from medonline_contracts.topics import Topic

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
    """What a service with a log does beside answering requests; `topic` is the one that its log goes to."""

    def __init__(self, store: EventStore, topic: Topic, kafka: KafkaAccess) -> None:
        self._store = store
        self._kafka = kafka
        lease = Lease(store.database, f"relay.{topic.name}")
        self._writers: list[Relay | StateFeed] = [Relay(store, topic, lease, lambda: producer_of(kafka, topic))]
        self._listeners: list[Listener] = []
        self._generations: list[Generations] = []
        self._others: list[Part] = []
        self._prepared: list[Prepared] = [store]

    def listen(self, group: str, topics: Sequence[Topic], apply: Apply, skip: Skip | None = None) -> None:
        """A consumer group of this service: hands what is on the topics to `apply`, which is idempotent.

        `skip` is told of the events that an operator dropped.
        """
        parking = Parking(self._store.database, group)
        self._prepared.append(parking)
        delivery = Delivery(parking, apply, skip)
        self._listeners.append(Listener(self._kafka, group, topics, delivery, REACTED_AT_ONCE))

    def project(self, projection: Projection) -> Views:
        """Keep these views current; the answer are the collections to read."""
        views = Views(self._store.database, projection)
        self._prepared.append(views)
        self._generations.append(Generations(views, self._kafka))
        return views

    def tell_state(self, views: Views, collection: str, topic: Topic, state_of: StateOf) -> None:
        """Keep the compacted topic saying how each document of this collection stands."""
        self._writers.append(StateFeed(views, collection, topic, self._kafka, state_of))

    def keep_alive(self, part: Part) -> None:
        """Work of the service's own beside relay and listeners, such as a timer."""
        self._others.append(part)

    @asynccontextmanager
    async def running(self, *parts: Prepared) -> AsyncIterator[None]:
        """Prepare all parts as soon as MongoDB answers, then run until the body is left."""
        async with background(self._run([*self._prepared, *parts])):
            yield

    def checks(self) -> dict[str, Callable[[], Awaitable[bool]]]:
        """What readiness asks: does MongoDB answer, do relay and listeners get on, and what else is kept alive."""
        checks = {"mongodb": self._mongodb_answers, "relay": self._relay_turns, "listeners": self._listeners_turn}
        return {**checks, **{part.name: _check_of(part) for part in self._others}}

    async def _run(self, prepared: Sequence[Prepared]) -> None:
        for each in prepared:
            await once_available(each.prepare)
        parts: list[Part] = [*self._writers, *self._listeners, *self._generations, *self._others]
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(supervise(part))

    async def _mongodb_answers(self) -> bool:
        return bool(await self._store.database.command("ping"))

    async def _relay_turns(self) -> bool:
        return all(map(turns, self._writers))

    async def _listeners_turn(self) -> bool:
        readers: list[Reader] = [*self._listeners, *self._generations]
        return all(turns(reader) and reader.gets_on() for reader in readers)


def _check_of(part: Part) -> Callable[[], Awaitable[bool]]:
    async def part_turns() -> bool:
        return turns(part)

    return part_turns
