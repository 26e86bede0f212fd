"""Ops, the doctor on MongoDB: whether it can work, and what in the services' databases does not get on."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from eventlog.store import Document
from medonline_contracts.topics import Topic
from ops.findings import Bounds, Code, Finding
from ops.installation import Installation, mongodb_clock
from ops.outbox import Outbox, outbox_of
from ops.output import age_of
from ops.problem import AUTHENTICATION_FAILED, UNAUTHORIZED


async def mongodb_findings(installation: Installation, bounds: Bounds) -> list[Finding]:
    """What is wrong with MongoDB and in the databases."""
    try:
        theirs = await mongodb_clock(installation.client["admin"])
        found = clock_findings(theirs, datetime.now(UTC), bounds.clock_seconds)
        for several in await asyncio.gather(
            *(_service_findings(installation, service, bounds) for service in installation.databases)
        ):
            found += several
    except PyMongoError as error:
        return [_unusable(installation.client, error)]
    return found


def clock_findings(theirs: datetime, ours: datetime, bound: float) -> list[Finding]:
    """Whether this machine's clock and MongoDB's are further apart than so many seconds."""
    apart = (ours - theirs).total_seconds()
    if abs(apart) <= bound:
        return []
    which = "ahead of" if apart > 0 else "behind"
    return [Finding(Code.CLOCK, "clock", f"The clock of this machine is {abs(apart):.0f} s {which} MongoDB's.")]


def outbox_findings(outbox: Outbox, bounds: Bounds) -> list[Finding]:
    """Whether the log gets out."""
    if outbox.oldest_seconds is None or outbox.oldest_seconds <= bounds.outbox_seconds:
        return []
    waiting = f"{outbox.unpublished} events wait to be published, the oldest for {age_of(outbox.oldest_seconds)}"
    if outbox.is_held("relay"):
        return [Finding(Code.OUTBOX_OLD, outbox.service, f"{waiting}, though a relay holds the lease.")]
    return [Finding(Code.RELAY_NOBODY, outbox.service, f"{waiting}, and no process holds the relay's lease.")]


def state_findings(outbox: Outbox, topics: Iterable[Topic]) -> Iterator[Finding]:
    """Whether somebody keeps the compacted topics of the service up to date."""
    for topic in topics:
        compacted = "compact" in topic.config.get("cleanup.policy", "")
        if compacted and topic.producer == outbox.service and not outbox.is_held("state"):
            yield Finding(Code.STATE_NOBODY, topic.name, "No process holds the lease to keep this topic up to date.")


async def _service_findings(installation: Installation, service: str, bounds: Bounds) -> list[Finding]:
    database = installation.databases[service]
    now = await mongodb_clock(database)
    outbox = await outbox_of(service, database)
    found = [*outbox_findings(outbox, bounds), *state_findings(outbox, installation.topics)]
    found += [_parked(group, now) async for group in await database["parked"].aggregate(_PARKED_BY_GROUP)]
    found += [
        finding
        async for reactor in await database["reactor_waiting"].aggregate(_WAITING_BY_REACTOR)
        for finding in _waiting(reactor, now, bounds.waiting_seconds)
    ]
    found += [
        _overdue(service, late, outbox, now)
        async for late in await database["erasures"].aggregate(_overdue_at(now, bounds))
    ]
    return found


_PARKED_BY_GROUP: list[dict[str, Any]] = [
    {"$match": {"dropped_at": {"$exists": False}}},
    {"$sort": {"group": 1, "topic": 1, "partition": 1, "key": 1, "offset": 1}},
    {
        "$group": {
            "_id": {"group": "$group", "topic": "$topic", "partition": "$partition", "key": "$key"},
            "waits": {"$first": "$waits"},
            "oldest": {"$min": "$parked_at"},
            "events": {"$sum": 1},
        }
    },
    {
        "$group": {
            "_id": {"group": "$_id.group", "waits": "$waits"},
            "streams": {"$sum": 1},
            "events": {"$sum": "$events"},
            "oldest": {"$min": "$oldest"},
        }
    },
    {"$sort": {"_id": 1}},
]
_WAITING_BY_REACTOR: list[dict[str, Any]] = [
    {"$group": {"_id": "$reactor", "events": {"$sum": 1}, "oldest": {"$min": "$event.time"}}},
    {"$sort": {"_id": 1}},
]


def _parked(group: Document, now: datetime) -> Finding:
    events, streams = group["events"], group["streams"]
    many = f"{events} event{'s' * (events > 1)} of {streams} stream{'s' * (streams > 1)}"
    since = f"the oldest for {age_of((now - group['oldest']).total_seconds())}"
    name = group["_id"]["group"]
    if group["_id"]["waits"]:
        return Finding(Code.NEWER_VERSION, name, f"{many} wait for code that understands them, {since}.")
    return Finding(Code.PARKED, name, f"{many} are parked, {since}.")


def _waiting(reactor: Document, now: datetime, bound: float) -> Iterator[Finding]:
    oldest = reactor["oldest"]
    if oldest is not None and (seconds := (now - oldest).total_seconds()) > bound:
        sentence = f"{reactor['events']} events wait for one that comes before them, the oldest for {age_of(seconds)}."
        yield Finding(Code.REACTOR_WAITING, reactor["_id"], sentence)


def _overdue_at(now: datetime, bounds: Bounds) -> list[dict[str, Any]]:
    """What should have been erased by now; a card that was put off says since when it is due."""
    since = {"$ifNull": ["$owed_since", "$due_at"]}
    return [
        {"$project": {"since": since}},
        {"$match": {"since": {"$lt": now - timedelta(seconds=bounds.erasure_seconds)}}},
        {"$group": {"_id": None, "cards": {"$sum": 1}, "oldest": {"$min": "$since"}}},
    ]


def _overdue(service: str, late: Document, outbox: Outbox, now: datetime) -> Finding:
    many = f"{late['cards']} removed card{'s' * (late['cards'] > 1)} should have been erased"
    since = age_of((now - late["oldest"]).total_seconds())
    timer = "" if outbox.is_held("erasures") else " No process holds the timer's lease."
    return Finding(Code.ERASURE_OVERDUE, service, f"{many}, the longest overdue for {since}.{timer}")


def _unusable(client: AsyncMongoClient[Document], error: PyMongoError) -> Finding:
    if isinstance(error, OperationFailure) and error.code in (AUTHENTICATION_FAILED, UNAUTHORIZED):
        return Finding(Code.MONGODB_REFUSED, "mongodb", "MongoDB refuses the user that MONGODB_URI names.")
    topology = client.topology_description
    servers = topology.server_descriptions().values()
    answering = any(server.server_type_name != "Unknown" for server in servers)
    if answering and not topology.has_writable_server():
        return Finding(Code.MONGODB_NO_PRIMARY, "mongodb", "MongoDB answers, but none of its nodes is the primary.")
    return Finding(Code.MONGODB_UNREACHABLE, "mongodb", f"MongoDB does not answer ({type(error).__name__}).")
