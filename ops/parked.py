"""Ops, parked: the parked events as the services keep them, found by their ids and by their streams."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.parking import BEHIND
from eventlog.store import Document
from ops.installation import Installation
from ops.masking import key_shown, reason_shown
from ops.problem import Exit, Problem

NOT_DROPPED = {"dropped_at": {"$exists": False}}
_STREAM = ("group", "topic", "partition", "key")


@dataclass(frozen=True, slots=True)
class Stream:
    """A parked stream: its first event, and how many are parked in all."""

    service: str
    database: AsyncDatabase[Document]
    head: Document
    events: int

    @property
    def id(self) -> str:
        """The id of the first event."""
        return str(self.head["_id"])

    @property
    def group(self) -> str:
        """The consumer group that parked it."""
        return str(self.head["group"])

    def filter(self) -> Document:
        """All that is parked of the stream."""
        return stream_of(self.head) | NOT_DROPPED

    def goes_on(self) -> bool:
        """Whether its first event waits for nothing but the owner's turn."""
        return "order" in self.head or self.head["reason"] == BEHIND

    def document(self) -> dict[str, Any]:
        """For machines; masked."""
        parked_at: datetime = self.head["parked_at"]
        return {
            "id": self.id,
            "group": self.group,
            "place": f"{self.head['topic']}/{self.head['partition']}@{self.head['offset']}",
            "stream": key_shown(self.head["key"]),
            "reason": reason_shown(self.head["reason"]),
            "waits_for_newer_code": self.head["waits"],
            "order": self.head.get("order"),
            "parked_at": parked_at,
            "events": self.events,
        }


def stream_of(parked: Document) -> Document:
    """The fields that say to which stream of which group it belongs."""
    return {name: parked[name] for name in _STREAM}


async def streams(installation: Installation, group: str | None = None, reason: str | None = None) -> list[Stream]:
    """The parked streams of all services; of this group, and with this in the reason of their first event."""
    chosen = NOT_DROPPED | ({"group": group} if group else {})
    heads: list[Document] = [
        {"$match": chosen},
        {"$sort": dict.fromkeys((*_STREAM, "offset"), ASCENDING)},
        {"$group": {"_id": {n: f"${n}" for n in _STREAM}, "head": {"$first": "$$ROOT"}, "events": {"$sum": 1}}},
        {"$sort": {"head.parked_at": ASCENDING, "_id": ASCENDING}},
    ]
    return [
        Stream(service, database, found["head"], found["events"])
        for service, database in installation.databases.items()
        async for found in await database["parked"].aggregate(heads)
        if (reason or "") in found["head"]["reason"]
    ]


async def parked_event(installation: Installation, id: str) -> tuple[str, AsyncDatabase[Document], Document]:
    """The service, its database and the event. Raises Problem where nothing of this id is parked."""
    for service, database in installation.databases.items():
        if found := await database["parked"].find_one({"_id": id}):
            return service, database, found
    raise Problem(Exit.REFUSED, f"Nothing is parked under {id}: `ops dlq list` shows what is.")


async def stream_headed_by(installation: Installation, id: str) -> Stream:
    """The stream whose first parked event this is. Raises Problem where it is not the first, or was dropped."""
    service, database, event = await parked_event(installation, id)
    if "dropped_at" in event:
        raise Problem(Exit.REFUSED, f"{id} was dropped at {event['dropped_at']:%Y-%m-%d %H:%M}Z; that is for good.")
    stream = await refreshed(Stream(service, database, event, 0))
    if stream is None or stream.id != id:
        first = stream.id if stream else "none any more"
        raise Problem(
            Exit.REFUSED, f"{id} is not the first of its stream, which has to go on in order; first is {first}."
        )
    return stream


async def refreshed(stream: Stream) -> Stream | None:
    """The stream as it is now, or None where nothing of it is parked any more."""
    parked = stream.database["parked"]
    head = await parked.find_one(stream.filter(), sort=[("offset", ASCENDING)])
    events = await parked.count_documents(stream.filter())
    return Stream(stream.service, stream.database, head, events) if head else None


async def dropped(installation: Installation) -> list[Document]:
    """What was dropped, in all services, the oldest first."""
    found = [
        event
        for database in installation.databases.values()
        async for event in database["parked"].find({"dropped_at": {"$exists": True}})
    ]
    return sorted(found, key=lambda event: event["dropped_at"])
