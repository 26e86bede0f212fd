"""Ops, outbox: what each service's log still has to publish, and whose turn it is to do so."""

from dataclasses import asdict, dataclass
from datetime import datetime

import typer
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.backlog import unpublished_in
from eventlog.store import Document
from ops.installation import Installation, mongodb_clock
from ops.output import Json, Report, age_of, run, table_of


@dataclass(frozen=True, slots=True)
class Lease:
    """Who does a piece of work that one process does at a time; `held` says whether until now, by MongoDB's clock."""

    name: str
    owner: str
    until: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Outbox:
    """The unpublished part of a service's log; the oldest event's age is in seconds."""

    service: str
    unpublished: int
    oldest_seconds: float | None
    leases: tuple[Lease, ...]

    def is_held(self, work: str) -> bool:
        """Whether some process does that work: `relay` or `state` for one of the service's topics, or `erasures`."""
        return any(lease.held for lease in self.leases if lease.name.split(".")[0] == work)


async def outbox_of(service: str, database: AsyncDatabase[Document]) -> Outbox:
    """How a service's outbox stands. Raises PyMongoError."""
    now = await mongodb_clock(database)
    count, since = await unpublished_in(database["events"])
    leases = [
        Lease(found["_id"], found["owner"], found["until"], found["until"] > now)
        async for found in database["leases"].find().sort("_id", ASCENDING)
    ]
    seconds = (now - since).total_seconds() if since else None
    return Outbox(service, count, seconds, tuple(leases))


def outbox(context: typer.Context, as_json: Json = False) -> None:
    """What each service still has to publish, and who holds the lease to do it."""

    async def work(installation: Installation) -> Report:
        outboxes = [await outbox_of(*service) for service in installation.databases.items()]
        rows = [_row(one) for one in outboxes]
        headings = ("service", "unpublished", "oldest", "leases")
        return Report({"outboxes": [asdict(one) for one in outboxes]}, [table_of("Outboxes", headings, rows)])

    run(context, as_json, work)


def _row(one: Outbox) -> tuple[object, ...]:
    leases = [f"{lease.name}: {lease.owner} until {lease.until:%H:%M:%S}Z" for lease in one.leases if lease.held]
    return one.service, one.unpublished, age_of(one.oldest_seconds), "\n".join(leases) or "held by nobody"
