"""The projection: what a service reads, folded from topics, in one or more generations of its collections.

A pointer document says which generation is read (`active`) and which are kept current (`kept`). Rebuilding adds a
generation, which a consumer group of its own fills from the beginning; reading moves over, and back, by one write.
Which ones are to be dropped it says, too (`dropping.py`).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, OperationFailure

from eventlog.projector import Project
from eventlog.store import Document
from medonline_contracts.topics import Topic

NAMESPACE_EXISTS = 48
SMALL_PAGES = {"wiredTiger": {"configString": "leaf_page_max=4KB"}}


@dataclass(frozen=True, slots=True)
class Projection:
    """`project` folds the topics' events into the collections, each with the fields it is searched by.

    `name` is the consumer group of the first generation, such as `cards.view`.
    """

    name: str
    topics: Sequence[Topic]
    project: Project
    collections: Mapping[str, Sequence[str]]


async def create_collection(database: AsyncDatabase[Document], name: str) -> None:
    """Make a collection of a view, where there is none; safe to repeat.

    Events come to documents at random, and MongoDB rewrites a whole page for each: 32 KB unless told otherwise. With
    small ones a view of a million documents costs no more to keep than one of ten thousand (`bench/scale.py`).
    """
    try:
        await database.create_collection(name, check_exists=False, storageEngine=SMALL_PAGES)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise


class Generation:
    """One making of a projection's collections; the first has their plain names."""

    def __init__(self, database: AsyncDatabase[Document], projection: Projection, number: int) -> None:
        self.group = projection.name + suffix(number)
        self._database = database
        self._number = number
        self._projection = projection

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        return self._database[name + suffix(self._number)]

    async def prepare(self) -> None:
        """Create the collections and their indexes; safe to repeat."""
        for name, fields in self._projection.collections.items():
            await create_collection(self._database, name + suffix(self._number))
            for field in fields:
                await self[name].create_index(field)

    def drops(self) -> Iterator[Callable[[], Awaitable[None]]]:
        """What drops its collections, one by one; safe to repeat."""
        return (self[name].drop for name in self._projection.collections)

    async def forget_parked(self) -> None:
        """Nobody will ask for the events that its group has parked; safe to repeat."""
        await self._database["parked"].delete_many({"group": self.group})


class Views:
    """The collections of the generation that is read, and the pointer to it."""

    def __init__(self, database: AsyncDatabase[Document], projection: Projection) -> None:
        self.database = database
        self.projection = projection
        self.active: int | None = None
        self.to_drop: tuple[int, ...] = ()
        self._pointers = database["projections"]

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        """Raises a passing PyMongoError until `refresh` has found out which generation is read."""
        if self.active is None:
            raise AutoReconnect("the views are not known yet")
        return self.generation(self.active)[name]

    def generation(self, number: int) -> Generation:
        """A generation, there or not."""
        return Generation(self.database, self.projection, number)

    async def prepare(self) -> None:
        """Make sure that there is a pointer and the generation it points to; safe to repeat."""
        described = {
            "topics": [topic.name for topic in self.projection.topics],
            "collections": list(self.projection.collections),
        }
        first = {"$set": described, "$setOnInsert": {"active": 1, "kept": [1]}}
        await self._pointers.update_one({"_id": self.projection.name}, first, upsert=True)
        for number in await self.refresh():
            await self.generation(number).prepare()

    async def refresh(self) -> set[int]:
        """Look which generation is read, and which are to be dropped; the answer are those that are kept current.

        Operators write the pointer, too, and by hand: what is no generation's number is passed over.
        """
        pointer = await self._pointers.find_one({"_id": self.projection.name})
        if not pointer:
            raise AutoReconnect("the views are not prepared yet")
        if not _is_number(pointer.get("active")):
            raise AutoReconnect("the pointer says of no generation that it is read")
        self.active = pointer["active"]
        self.to_drop = tuple(_numbers(pointer.get("dropping")))
        return set(_numbers(pointer.get("kept")))

    async def forget_order(self, number: int) -> None:
        """The order to drop this generation was carried out, or cannot be."""
        await self._pointers.update_one({"_id": self.projection.name}, {"$pull": {"dropping": number}})


def _numbers(listed: object) -> list[int]:
    return [number for number in listed if _is_number(number)] if isinstance(listed, list) else []


def _is_number(value: object) -> bool:
    """Whether it can be a generation's: an int, which MongoDB may give back as its own kind, and no bool."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def suffix(number: int) -> str:
    """What the names of a generation's group and collections end with."""
    return "" if number == 1 else f".g{number}"
