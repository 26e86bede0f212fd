"""The bus of one service: its relay to Kafka and its listeners on Kafka, prepared, kept alive and watched together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from eventlog.delivery import Apply, Delivery, Skip
from eventlog.lease import Lease
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background, once_available
from eventlog.relay import Relay, producer_of
from eventlog.store import EventStore
from eventlog.supervisor import Part, supervise, turns
from medonline_contracts.topics import Topic


class Prepared(Protocol):
    """Something that needs its indexes before it is used."""

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""


class Bus:
    """What a service with a log does beside answering requests; `topic` is the one that its log goes to."""

    def __init__(self, store: EventStore, topic: Topic, bootstrap_servers: str) -> None:
        self._store = store
        self._bootstrap_servers = bootstrap_servers
        lease = Lease(store.database, f"relay.{topic.name}")
        self._relay = Relay(store, topic, lease, lambda: producer_of(bootstrap_servers, topic))
        self._listeners: list[Listener] = []
        self._prepared: list[Prepared] = [store]

    def listen(self, group: str, topics: Sequence[Topic], apply: Apply, skip: Skip | None = None) -> None:
        """A consumer group of this service: hands what is on the topics to `apply`, which is idempotent.

        `skip` is told of the events that an operator dropped.
        """
        parking = Parking(self._store.database, group)
        self._prepared.append(parking)
        self._listeners.append(Listener(self._bootstrap_servers, group, topics, Delivery(parking, apply, skip)))

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
        parts: list[Part] = [self._relay, *self._listeners]
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(supervise(part))

    async def _mongodb_answers(self) -> bool:
        return bool(await self._store.database.command("ping"))

    async def _relay_turns(self) -> bool:
        return turns(self._relay)

    async def _listeners_turn(self) -> bool:
        return all(turns(listener) and listener.gets_on() for listener in self._listeners)
