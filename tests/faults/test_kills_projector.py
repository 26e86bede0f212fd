"""A projector killed before, in the middle of and after its writes: to do it again changes nothing."""

import asyncio
from pathlib import Path
from random import Random

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.kills import Kills
from tests.faults.seeds import seeds
from tests.faults.steps import PROJECTOR_STEPS

KILLS = Kills("projector", "relay", PROJECTOR_STEPS, 2)
SIDE_BY_SIDE = 2


@seeds(short=1, long=16)
async def test_a_projector_killed_at_any_step_leaves_the_view_as_the_log_says(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    grounds = [(await new_ground(), Random(random.random())) for _ in range(SIDE_BY_SIDE)]
    async with asyncio.TaskGroup() as group:
        for ground, its_random in grounds:
            group.create_task(KILLS.strike(ground, client, tmp_path, its_random))
