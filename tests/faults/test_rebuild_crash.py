"""A service killed while it rebuilds a projection, and around the moment at which reading moves over."""

import asyncio
from pathlib import Path
from random import Random

from pymongo import AsyncMongoClient

from eventlog.projection import Views
from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.ground import ROWS, Ground
from tests.faults.lives import Worker, has_begun, working
from tests.faults.oracle import assert_all_is_well, canonical, fold_of, log_of, view_of
from tests.faults.quiet import until_quiet
from tests.faults.seeds import seeds
from tests.faults.writer import Writer, fill

EVENTS = 5_000
KILLS = 2


@seeds(short=1, long=6)
async def test_what_was_read_before_is_read_on_until_the_new_generation_is_whole(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    await fill(ground.store(client), EVENTS)
    views = Views(client[ground.name], ground.projection)
    worker = Worker(tmp_path, ground, "relay generations")
    async with working(worker):
        await until_quiet(ground, client)
        as_it_ought_to_be = canonical(fold_of(await log_of(ground, client)))
        await point(views, {"$addToSet": {"kept": 2}})
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0, 2))
            await die_and_come_back(worker)
            assert await read(views, ground, client) == as_it_ought_to_be
        await until(lambda: holds(views, 2, EVENTS), seconds=60)
        dies_first = random.random() < 0.5
        if dies_first:
            worker.kill()
        await point(views, {"$set": {"active": 2}})
        await die_and_come_back(worker)
        assert await read(views, ground, client) == as_it_ought_to_be
        assert views.active == 2
        writer = Writer(ground.store(client), random, "later-")
        await writer.write(10)
        await until_quiet(ground, client)
        there = await client[ground.name]["events"].count_documents({})
        await until(lambda: holds(views, 2, there), seconds=60)
        assert await view_of(ground, client) == await read(views, ground, client)
    await assert_all_is_well(ground, client, writer.acknowledged)


async def die_and_come_back(worker: Worker) -> None:
    """SIGKILL, and another life."""
    worker.kill()
    worker.log.unlink()
    worker.start()
    await has_begun(worker)


async def point(views: Views, change: Document) -> None:
    """What an operator orders is one write."""
    await views.database["projections"].update_one({"_id": views.projection.name}, change)


async def read(views: Views, ground: Ground, client: AsyncMongoClient[Document]) -> bytes:
    """What a service would read now."""
    await views.refresh()
    suffix = views[ROWS].name.removeprefix(ROWS)
    return await view_of(ground, client, suffix)


async def holds(views: Views, number: int, rows: int) -> bool:
    return await views.generation(number)[ROWS].count_documents({}) == rows
