"""Our side: the same topic read by our listener, delivery, parking and projector, or written by our relay."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from aiokafka import AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.agreement import Agreement
from eventlog.delivery import Delivery
from eventlog.lease import Lease
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.projector import Projector, Row
from eventlog.relay import Relay
from eventlog.store import Document, EventStore
from eventlog.turn import ProducerFactory, producer_of
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import number_of
from tests.traps.scene import POISON, Scene

Before = Callable[[Envelope[Event]], Awaitable[None]]


class Ours:
    """A consumer group of ours beside the naive one; it shows each number that reaches its view."""

    def __init__(self, scene: Scene, database: AsyncDatabase[Document]) -> None:
        self.scene = replace(scene, group=f"ours.{scene.group}")
        self.projected: list[int] = []
        self._database = database
        self._projector = Projector(database, self._project)

    def listener(self, before: Before | None = None) -> Listener:
        """One member of the group; `before` is called before an event is applied."""

        async def apply(events: Iterable[Envelope[Event]]) -> None:
            envelopes = list(events)
            if before:
                for envelope in envelopes:
                    await before(envelope)
            await self._projector.apply(envelopes)

        delivery = Delivery(Parking(self._database, self.scene.group), apply)
        return Listener(self.scene.kafka, self.scene.group, [self.scene.topic], delivery)

    @asynccontextmanager
    async def listening(self, before: Before | None = None) -> AsyncIterator[Listener]:
        """Let one member live while the body runs; raises what ended it, where anything did."""
        listener = self.listener(before)
        life = asyncio.create_task(listener.run())
        try:
            yield listener
        finally:
            life.cancel()
            await asyncio.wait([life])
            if not life.cancelled():
                life.result()

    async def shown(self) -> set[int]:
        """The numbers in the view."""
        return {row["number"] async for row in self._database["shown"].find()}

    async def parked(self) -> list[Document]:
        """What is parked, in the order of the topic."""
        return await self._database["parked"].find({"group": self.scene.group}).sort("offset").to_list()

    def _project(self, envelope: Envelope[Event]) -> list[Row]:
        number = number_of(envelope)
        self.projected.append(number)
        if number == POISON:
            raise ValueError("a projection that fails")
        return [Row("shown", f"{envelope.stream_id}:{envelope.version}", {"number": number})]


async def shows(ours: Ours, numbers: set[int]) -> bool:
    """Whether these, and no others, have reached the view."""
    return await ours.shown() == numbers


def relay_of(
    store: EventStore, scene: Scene, new_producer: ProducerFactory | None = None, lease: Lease | None = None
) -> Relay:
    """A relay from the store to the scene's topic."""

    def usual() -> AIOKafkaProducer:
        return producer_of(scene.kafka, scene.topic)

    agreement = Agreement(store, scene.topic, scene.kafka)
    return Relay(store, agreement, lease or Lease(store.database, scene.group), new_producer or usual)


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[asyncio.Task[None]]:
    """Let it live while the body runs; what becomes of it is in the task."""
    life = asyncio.create_task(relay.run())
    try:
        yield life
    finally:
        life.cancel()
        await asyncio.wait([life])


async def all_published(store: EventStore) -> bool:
    """Whether the log says that everything is published."""
    return await store.events.count_documents({"published": False}) == 0
