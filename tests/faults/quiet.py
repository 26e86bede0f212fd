"""Quiet: the moments at which nothing is on its way any more, waited for."""

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.ground import COUNTS, ROWS, Ground

QUIET_SECONDS = 40.0  # a killed member is missed after six, and a worker may have been killed again just before


async def until_quiet(
    ground: Ground,
    client: AsyncMongoClient[Document],
    *,
    view: bool = True,
    reactions: bool = False,
    seconds: float = QUIET_SECONDS,
) -> None:
    """Wait until every event is published, and is in the view and was reacted to where that is asked for."""
    database, answers = client[ground.name], ground.answers(client).database

    async def is_quiet() -> bool:
        events = database["events"]
        left = await events.count_documents({"published": False})
        there = await events.count_documents({})
        return (
            not left
            and (not view or await database[ROWS].count_documents({}) == there)
            and (not reactions or sum([c["answers"] async for c in answers[COUNTS].find()]) == there)
        )

    await until(is_quiet, seconds)
