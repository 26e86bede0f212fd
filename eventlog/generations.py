"""The generations: keeps every kept generation of a projection current, each by a listener of its own.

A process that only reads follows the pointer alone.

It looks at the pointer again and again: what an operator adds is built from the beginning of its topics while the
active one goes on being read, what an operator takes away is no longer followed, and dropped when that is ordered, too.
"""

import asyncio
import time

import structlog
from pymongo.errors import PyMongoError

from eventlog.access import KafkaAccess
from eventlog.delivery import Delivery
from eventlog.dropping import drop_ordered
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import cancelled
from eventlog.projection import Views
from eventlog.projector import Projector
from eventlog.supervisor import NEVER, Looks, supervise, turns

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


class Pointer:
    """Follows which generation is read, for a process that does not keep it current."""

    def __init__(self, views: Views) -> None:
        self.name = f"pointer.{views.projection.name}"
        self.last_turn = NEVER
        self._views = views

    async def run(self) -> None:
        """One life: until it is cancelled."""
        while not cancelled():
            await self._views.refresh()
            self.last_turn = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)


class Generations:
    """The listeners of one projection."""

    def __init__(self, views: Views, kafka: KafkaAccess, looks: Looks) -> None:
        self.name = f"generations.{views.projection.name}"
        self.last_turn = NEVER
        self._views = views
        self._kafka = kafka
        self._looks = looks
        self._listeners: dict[int, Listener] = {}
        self._lives: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """One life: until it is cancelled."""
        try:
            while not cancelled():
                try:
                    await self._keep(await self._views.refresh())
                    await drop_ordered(self._views)
                except PyMongoError as error:  # the listeners wait by themselves
                    log.warning("generations_unknown", projection=self.name, error=type(error).__name__)
                self.last_turn = time.monotonic()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._end(set(self._lives))

    def gets_on(self) -> bool:
        """Whether the generation that is read is kept current."""
        listener = self._listeners.get(self._views.active or 0)
        return listener is not None and turns(listener) and listener.gets_on()

    def listeners(self) -> list[Listener]:
        """Of each generation that is kept current."""
        return list(self._listeners.values())

    async def _keep(self, kept: set[int]) -> None:
        for number in kept - self._lives.keys():
            await self._begin(number)
        await self._end(self._lives.keys() - kept)

    async def _begin(self, number: int) -> None:
        generation = self._views.generation(number)
        parking = Parking(self._views.database, generation.group)
        await generation.prepare()
        await parking.prepare()
        projection = self._views.projection
        delivery = Delivery(parking, Projector(generation, projection.project, generation.group).apply)
        self._listeners[number] = Listener(self._kafka, generation.group, projection.topics, delivery)
        self._lives[number] = asyncio.create_task(supervise(self._listeners[number], self._looks))

    async def _end(self, numbers: set[int]) -> None:
        lives = [self._lives.pop(number) for number in numbers]
        for number, life in zip(numbers, lives, strict=True):
            self._listeners.pop(number)
            life.cancel()
        if lives:
            await asyncio.wait(lives)
