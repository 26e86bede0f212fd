"""Ops, reimport: brings back into a log what its topic has of it, and lets the service begin anew where it has to.

Nothing is published by that and no version is given out: ids, versions, times and texts stay what they were. What only
the service can make right beside its log, it does itself when it starts (`eventlog/settling.py`); until then the log
is sealed. Called again after an interruption it goes on.
"""

import asyncio
import time
from datetime import UTC, datetime

from pymongo import UpdateOne

from eventlog.seal import Seal
from eventlog.settling import REIMPORTED
from eventlog.store import EventStore
from eventlog.tail import compare, document_in
from ops.installation import Installation
from ops.outbox import outbox_of
from ops.problem import Exit, Problem
from ops.survey import Survey, tail_of, versions_of

LOOK_SECONDS = 0.5
SET_ASIDE = "set_aside"


async def require_stopped(installation: Installation, service: str, patience: float) -> list[str]:
    """The service's consumer groups, once nobody works for it. Raises Problem where somebody still does."""
    deadline = time.monotonic() + patience
    async with installation.kafka() as kafka:
        names = [name for name in await kafka.group_names() if name.split(".")[0] == service]
        while True:
            busy = [name for name in names if (await kafka.group(name)).members]
            held = (await outbox_of(service, installation.databases[service])).is_held("relay")
            if not (busy or held):
                return names
            if time.monotonic() > deadline:
                who = ", ".join([*busy, *(["its relay"] if held else [])])
                raise Problem(Exit.REFUSED, f"{service} still runs ({who}): stop all its processes, then call again.")
            await asyncio.sleep(LOOK_SECONDS)


async def bring_back(installation: Installation, service: str, found: Survey) -> None:
    """Write what is missing. The log is sealed before that, and its streams are noted for the service."""
    database = installation.databases[service]
    await EventStore(database, service).prepare()  # where all of the database was lost there is no index either
    await Seal(database).close(found.topic.name, f"{service} has not started since `ops log reimport`")
    notes = [UpdateOne({"_id": s}, {"$setOnInsert": {"known": v}}, upsert=True) for s, v in found.known.items()]
    if not notes:
        return
    await database[REIMPORTED].bulk_write(notes, ordered=False)
    async with tail_of(installation, found.topic) as tail:
        async for records in tail.batches(found.firsts, found.ends):
            if unknown := (await compare(database["events"], records)).unknown:
                await database["events"].insert_many([document_in(record) for record in unknown])


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

    Nobody but the person who did it has seen it: it was not published. Raises Problem where it was.
    """
    database = installation.databases[service]
    moved = 0
    for stream_id, version in _first_conflicts(found).items():
        later = {"stream_id": stream_id, "version": {"$gte": version}}
        documents = await database["events"].find(later).to_list()
        if any(document["published"] for document in documents):
            raise Problem(
                Exit.REFUSED,
                f"Stream {stream_id} was published twice from version {version} on, as different events: nothing here "
                "can mend that. Keep the service stopped and ask its developers.",
            )
        aside = [document | {"set_aside_at": datetime.now(UTC)} for document in documents]
        async with installation.client.start_session() as session, await session.start_transaction():
            await database[SET_ASIDE].insert_many(aside, session=session)
            await database["events"].delete_many(later, session=session)
        moved += len(documents)
    found.known = await versions_of(database["events"], list(found.known))
    return moved


def _first_conflicts(found: Survey) -> dict[str, int]:
    first: dict[str, int] = {}
    for event in found.conflicts():
        first[event.stream_id] = min(event.version, first.get(event.stream_id, event.version))
    return first
