"""The bus of one service: its relay to Kafka and its listeners on Kafka, prepared, kept alive and watched together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

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

    def __init__(self, store: EventStore, topic: Topic, bootstrap_servers: str) -> None:
        self._store = store
        self._bootstrap_servers = bootstrap_servers
        lease = Lease(store.database, f"relay.{topic.name}")
        self._writers: list[Relay | StateFeed] = [
            Relay(store, topic, lease, lambda: producer_of(bootstrap_servers, topic))
        ]
        self._listeners: list[Listener] = []
        self._generations: list[Generations] = []
        self._prepared: list[Prepared] = [store]

    def listen(self, group: str, topics: Sequence[Topic], apply: Apply, skip: Skip | None = None) -> None:
        """A consumer group of this service: hands what is on the topics to `apply`, which is idempotent.

        `skip` is told of the events that an operator dropped.
        """
        parking = Parking(self._store.database, group)
        self._prepared.append(parking)
        delivery = Delivery(parking, apply, skip)
        self._listeners.append(Listener(self._bootstrap_servers, group, topics, delivery, REACTED_AT_ONCE))

    def project(self, projection: Projection) -> Views:
        """Keep these views current; the answer are the collections to read."""
        views = Views(self._store.database, projection)
        self._prepared.append(views)
        self._generations.append(Generations(views, self._bootstrap_servers))
        return views

    def tell_state(self, views: Views, collection: str, topic: Topic, state_of: StateOf) -> None:
        """Keep the compacted topic saying how each document of this collection stands."""
        self._writers.append(StateFeed(views, collection, topic, self._bootstrap_servers, state_of))

    @asynccontextmanager
    async def running(self, *parts: Prepared) -> AsyncIterator[None]:
        """Prepare all parts as soon as MongoDB answers, then run until the body is left."""
        async with background(self._run([*self._prepared, *parts])):
            yield

    def checks(self) -> dict[str, Callable[[], Awaitable[bool]]]:
        """What readiness asks: does MongoDB answer, does the relay get on, do the listeners."""
        return {"mongodb": self._mongodb_answers, "relay": self._relay_turns, "listeners": self._listeners_turn}

    async def _run(self, prepared: Sequence[Prepared]) -> None:
        for each in prepared:
            await once_available(each.prepare)
        parts: list[Part] = [*self._writers, *self._listeners, *self._generations]
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
