"""Ops, pointers: the projections of the services, and which of their generations are read and kept current.

`latest` is the highest number ever given out: a number is not used twice, lest a new generation begin with what an
unfinished retirement left of an old one.
"""

import re
from dataclasses import dataclass

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.projection import suffix
from eventlog.store import Document
from ops.installation import Installation
from ops.problem import Exit, Problem


@dataclass(frozen=True, slots=True)
class Pointer:
    """A projection as its pointer document describes it."""

    service: str
    database: AsyncDatabase[Document]
    name: str
    active: int
    kept: tuple[int, ...]
    topics: tuple[str, ...]
    collections: tuple[str, ...]
    latest: int
    to_drop: tuple[int, ...]

    def group(self, generation: int) -> str:
        """The consumer group that fills a generation."""
        return f"{self.name}{suffix(generation)}"

    def unchanged(self) -> Document:
        """The filter under which a write takes effect only while nobody else has moved the pointer."""
        return {"_id": self.name, "active": self.active, "kept": list(self.kept)}

    def newer(self) -> int | None:
        """The generation that is being built, if any."""
        return max((number for number in self.kept if number > self.active), default=None)

    async def move(self, change: Document) -> None:
        """Change the pointer. Raises Problem where somebody else did first."""
        if not (await self.database["projections"].update_one(self.unchanged(), change)).matched_count:
            raise Problem(
                Exit.REFUSED,
                f"Somebody else changed {self.name} at the same moment: look at its status and call again.",
            )

    async def order_dropping(self, generation: int) -> None:
        """Have the service drop a generation. Raises Problem where somebody has it read or kept meanwhile."""
        neither_read_nor_kept = {"_id": self.name, "active": {"$ne": generation}, "kept": {"$ne": generation}}
        order = {"$addToSet": {"dropping": generation}, "$max": {"latest": generation}}
        if not (await self.database["projections"].update_one(neither_read_nor_kept, order)).matched_count:
            raise stays(self, generation)

    async def leftovers(self) -> set[int]:
        """Generations that are no longer kept and still have collections."""
        names = await self.database.list_collection_names()
        bases = "|".join(map(re.escape, self.collections))
        found = (re.fullmatch(rf"(?:{bases})\.g(\d+)", name) for name in names)
        there = {int(match[1]) for match in found if match}
        if 1 not in self.kept and set(names) & set(self.collections):
            there.add(1)
        return there - set(self.kept)


def stays(one: Pointer, generation: int) -> Problem:
    """Somebody wants the generation after all."""
    return Problem(
        Exit.REFUSED,
        f"Somebody had generation {generation} of {one.name} read or kept current meanwhile, so it stays: look at its "
        "status.",
    )


async def pointers(installation: Installation) -> list[Pointer]:
    """All projections of all services."""
    return [
        _pointer(service, database, document)
        for service, database in installation.databases.items()
        async for document in database["projections"].find().sort("_id")
    ]


async def pointer(installation: Installation, name: str) -> Pointer:
    """The projection of this name. Raises Problem where there is none."""
    known = {one.name: one for one in await pointers(installation)}
    if name not in known:
        there = ", ".join(known) or "none yet: has the service ever run?"
        raise Problem(Exit.REFUSED, f"There is no projection {name}; there are: {there}.")
    return known[name]


def _pointer(service: str, database: AsyncDatabase[Document], document: Document) -> Pointer:
    return Pointer(
        service=service,
        database=database,
        name=document["_id"],
        active=document["active"],
        kept=tuple(document["kept"]),
        topics=tuple(document["topics"]),
        collections=tuple(document["collections"]),
        latest=max([document.get("latest", 1), document["active"], *document["kept"]]),
        to_drop=tuple(document.get("dropping", ())),
    )
