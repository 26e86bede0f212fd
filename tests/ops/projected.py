"""A service with a projection of its own, which builds, follows and drops what `ops projection` orders."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from eventlog.generations import Generations
from eventlog.process import background
from eventlog.projection import Projection, Views
from eventlog.projector import Write
from eventlog.store import EventStore
from eventlog.supervisor import Looks, supervise
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import event, number_of
from tests.eventlog.records import envelopes_of, project, records_of
from tests.ops.conftest import Publisher, World


@dataclass
class Service:
    """A service with a projection of two collections; `added` is what its fold, once mended, adds to every number."""

    world: World
    publisher: Publisher
    added: int = 0

    def __post_init__(self) -> None:
        self.name = self.world.group()
        collections = {"views": ("part.number",), "rows": ()}
        projection = Projection(self.name, [self.publisher.topic], self._project, collections)
        self.views = Views(self.world.databases["cards"], projection)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """It follows the pointer."""
        await self.views.prepare()
        looks = Looks()
        generations = Generations(self.views, self.world.installation.kafka_access, looks)
        async with background(supervise(generations, looks)):
            yield

    async def happens(self, streams: int = 3) -> None:
        """Streams of three events each are published."""
        store = EventStore(self.world.databases["identity"], "identity")
        for _ in range(streams):
            await self.publisher.publish(*records_of(await envelopes_of(store, str(uuid4()), [1, 2, 3])))

    async def ops(self, command: str, *arguments: str) -> Any:
        """The exit code and the document of `ops projection` on this projection."""
        answer = await self.world.ops("projection", command, self.name, *arguments, "--json")
        return answer.exit, answer.json

    async def pointer(self) -> tuple[int, list[int]]:
        """Which generation is read, and which are kept."""
        found = await self.world.databases["cards"]["projections"].find_one({"_id": self.name})
        assert found
        return found["active"], found["kept"]

    async def point(self, change: dict[str, Any]) -> None:
        """Somebody changes the pointer by hand."""
        await self.world.databases["cards"]["projections"].update_one({"_id": self.name}, {"$set": change})

    async def has_generation_2(self) -> None:
        """Nobody keeps it current any more, and it holds a row."""
        await self.views.prepare()
        await self.point({"latest": 2})
        await self.views.generation(2)["rows"].insert_one({"_id": "somebody's"})

    async def has_an_order(self) -> bool:
        """To drop something."""
        found = await self.world.databases["cards"]["projections"].find_one({"_id": self.name})
        return bool(found and found.get("dropping"))

    async def holds(self, rows: int, generation: int = 1) -> bool:
        """Whether a generation has so many rows."""
        return await self.views.generation(generation)["rows"].count_documents({}) == rows

    def _project(self, envelope: Envelope[Event]) -> Sequence[Write]:
        return project(replace(envelope, event=event(number_of(envelope) + self.added)))
