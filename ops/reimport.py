"""Ops, reimport: brings back into a log what its topic has of it, and lets the service begin anew where it has to.

Nothing is published by that and no version is given out: ids, versions, times and texts stay what they were. What only
the service can make right beside its log, it does itself when it starts (`eventlog/settling.py`); until then the log
is sealed. Called again after an interruption it goes on.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from eventlog.seal import LOOK_SECONDS as SEAL_SECONDS
from eventlog.seal import Seal
from eventlog.settling import REIMPORTED, SET_ASIDE
from eventlog.store import APPEND_SECONDS, Document, EventStore
from eventlog.tail import compare, document_in
from ops.batches import in_batches
from ops.installation import Installation
from ops.outbox import outbox_of
from ops.problem import Exit, Problem
from ops.survey import Survey, events_topic, tail_of

LOOK_SECONDS = 0.5
UNTIL_KEPT_SECONDS = SEAL_SECONDS + APPEND_SECONDS  # believed to be open for so long, and appended at the last moment
DUPLICATE_KEY = 11000
ASKED_SECONDS = 2.0
KEPT_ASIDE = timedelta(days=90)  # long enough to tell people; it holds personal data that no log accounts for


async def require_stopped(installation: Installation, service: str, patience: float) -> list[str]:
    """The service's consumer groups, once nobody works for it. Raises Problem where somebody still does.

    Noticed are members of its groups, holders of its leases, and what answers at its address in `OPS_SERVICE_URLS`; a
    process that only serves HTTP, at an address that is not named there, is not.
    """
    deadline = time.monotonic() + patience
    async with installation.kafka() as kafka:
        names = [name for name in await kafka.group_names() if name.split(".")[0] == service]
        while True:
            leases = (await outbox_of(service, installation.databases[service])).leases
            busy = [name for name in names if (await kafka.group(name)).members]
            busy += [lease.name for lease in leases if lease.held]
            busy += await _answering(installation.urls.get(service))
            if not busy:
                return names
            if time.monotonic() > deadline:
                who = ", ".join(busy)
                raise Problem(Exit.REFUSED, f"{service} still runs ({who}): stop all its processes, then call again.")
            await asyncio.sleep(LOOK_SECONDS)


async def seal(installation: Installation, service: str) -> None:
    """From when this returns nothing is appended and no password opens, in a process that was not noticed either.

    What is surveyed then stays as it was found.
    """
    database = installation.databases[service]
    await EventStore(database, service).prepare()  # where all of the database was lost there is no index either
    reason = f"{service} has not started since `ops log reimport`"
    await Seal(database).close(events_topic(installation, service).name, reason)
    await asyncio.sleep(UNTIL_KEPT_SECONDS)


async def _answering(url: str | None) -> list[str]:
    """The address, where anything answers there."""
    if url is None:
        return []
    try:
        async with httpx.AsyncClient(timeout=ASKED_SECONDS, trust_env=False) as http:
            await http.get(f"{url.rstrip('/')}/health/live")
    except (httpx.HTTPError, httpx.InvalidURL):
        return []
    return [url]


async def bring_back(installation: Installation, service: str, found: Survey) -> None:
    """Write what is missing; its streams are noted for the service before that. The log is sealed.

    Raises Problem where another event has one of the versions, in the topic or, appended after the survey, in the log.
    """
    if found.conflicts:
        raise Problem(Exit.REFUSED, f"{len(found.conflicts)} versions are other events': nothing was brought back.")
    events = installation.databases[service]["events"]
    for streams in in_batches(found.lacking.streams()):
        known = await _highest(events, streams)
        notes = [UpdateOne({"_id": s}, {"$min": {"known": v}}, upsert=True) for s, v in known.items()]
        await installation.databases[service][REIMPORTED].bulk_write(notes, ordered=False)
    if not found.missing:
        return
    async with tail_of(installation, found.topic) as tail:
        async for records in tail.batches(found.firsts, found.ends):
            if unknown := (await compare(found.topic, events, records)).unknown:
                await _insert(events, service, [document_in(record) for record in unknown])


async def begin_anew(installation: Installation, service: str, groups: list[str]) -> None:
    """Let all that reads for the service read from the beginning again: each event takes effect once, as always."""
    database = installation.databases[service]
    if groups:
        async with installation.kafka() as kafka:
            for group in groups:
                await kafka.delete_group(group)
    await database["parked"].delete_many({"dropped_at": {"$exists": False}})  # it is parked again where that is due
    await database["state_places"].delete_many({})


async def set_aside(installation: Installation, service: str, found: Survey) -> int:
    """Take out of the log what was appended after the backup was restored, where its version is another event's.

    Nobody but the person who did it has seen it: it was not published. Raises Problem where it was. MongoDB deletes
    what was set aside after `KEPT_ASIDE`.
    """
    for conflict in found.conflicts:
        if conflict.published_twice:
            raise _published_twice(conflict.stream_id, conflict.version)
    database = installation.databases[service]
    await database[SET_ASIDE].create_index("set_aside_at", expireAfterSeconds=int(KEPT_ASIDE.total_seconds()))
    moved = 0
    for stream_id, version in _first_conflicts(found).items():
        later = {"stream_id": stream_id, "version": {"$gte": version}}
        documents = await database["events"].find(later).to_list()
        if any(document["published"] for document in documents):
            raise _published_twice(stream_id, version)
        aside = [document | {"set_aside_at": datetime.now(UTC)} for document in documents]
        async with installation.client.start_session() as session, await session.start_transaction():
            await database[SET_ASIDE].insert_many(aside, session=session)
            await database["events"].delete_many(later, session=session)
        moved += len(documents)
    found.conflicts.clear()
    return moved


def _first_conflicts(found: Survey) -> dict[str, int]:
    first: dict[str, int] = {}
    for event in found.conflicts:
        first[event.stream_id] = min(event.version, first.get(event.stream_id, event.version))
    return first


async def _insert(events: AsyncCollection[Document], service: str, documents: list[Document]) -> None:
    try:
        await events.insert_many(documents)
    except BulkWriteError as error:
        failures = error.details.get("writeErrors", [])
        if any(failure.get("code") != DUPLICATE_KEY for failure in failures) or not failures:
            raise
        taken = documents[failures[0]["index"]]
        raise Problem(
            Exit.REFUSED,
            f"Stream {taken['stream_id']} got another version {taken['version']} while its events were brought back: "
            f"a process of {service} still runs, or somebody else reimports. Stop it, then call again: it goes on.",
        ) from None


def _published_twice(stream_id: str, version: int) -> Problem:
    return Problem(
        Exit.REFUSED,
        f"Stream {stream_id} was published twice from version {version} on, as different events: nothing here "
        "can mend that. Keep the service stopped and ask its developers.",
    )


async def _highest(events: AsyncCollection[Document], streams: Sequence[str]) -> dict[str, int]:
    """The highest version that the log has of each of these streams; 0 where it has none."""
    by_stream = {"$group": {"_id": "$stream_id", "version": {"$max": "$version"}}}
    highest: list[Document] = [{"$match": {"stream_id": {"$in": streams}}}, by_stream]
    there = {found["_id"]: found["version"] async for found in await events.aggregate(highest)}
    return dict.fromkeys(streams, 0) | there
