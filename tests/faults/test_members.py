"""Members of a group come and go every two seconds, two, five, one, under load: no overlap, no step back, no stall."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from random import Random

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.lives import Worker, end, has_begun, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.quiet import until_quiet
from tests.faults.seeds import seeds
from tests.faults.writer import Writer

PARTITIONS = 6
AT_FIRST, AT_MOST = 2, 5
SECONDS = 2.0


@seeds(short=1, long=4)
async def test_members_come_and_go_under_load(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    ground = await new_ground(PARTITIONS)
    members = [Worker(tmp_path, ground, "projector") for _ in range(AT_MOST)]
    writer = Writer(ground.store(client), random)
    over = asyncio.Event()

    async def come_and_go() -> None:
        for member in members[AT_FIRST:]:
            await asyncio.sleep(SECONDS)
            member.start()
        for member in random.sample(members, AT_MOST - 1):
            await asyncio.sleep(SECONDS)
            await has_begun(member)
            await end(member)
        over.set()

    async def is_over() -> bool:
        return over.is_set()

    try:
        async with watched(ground, client), working(Worker(tmp_path, ground, "relay")):
            for member in members[:AT_FIRST]:
                member.start()
            async with asyncio.TaskGroup() as group:
                group.create_task(come_and_go())
                group.create_task(writer.write_until(is_over))
            await until_quiet(ground, client)
            (last,) = (member for member in members if member.alive())
            await end(last)
    finally:
        for member in members:
            member.kill()
    assert_no_overlap(members)
    await assert_all_is_well(ground, client, writer.acknowledged)


def assert_no_overlap(members: Iterable[Worker]) -> None:
    """No two batches of one partition were ever in hand at the same time."""
    in_hand = defaultdict(list)
    for member in members:
        for told in member.told("delivered"):
            in_hand[told["delivered"][0]].append((told["begun"], told["ended"]))
    assert sum(map(len, in_hand.values())) > PARTITIONS
    for batches in in_hand.values():
        ordered = sorted(batches)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))
