"""A worker killed again and again while events are written, and the oracle asked afterwards."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.conftest import NewGround
from tests.faults.ground import Ground
from tests.faults.lives import Worker, all_have_struck, working
from tests.faults.oracle import assert_all_is_well, is_told, watched
from tests.faults.quiet import QUIET_SECONDS, until_quiet
from tests.faults.writer import Writer

SIDE_BY_SIDE = 2


@dataclass(frozen=True, slots=True)
class Kills:
    """So many kills of a worker that runs `part`, each at one of the steps; `others` run beside it and are spared."""

    part: str
    others: str
    steps: Sequence[str]
    count: int

    async def strike_side_by_side(
        self, new_ground: NewGround, client: AsyncMongoClient[Document], folder: Path, seed: int
    ) -> None:
        """Two such runs at once, on grounds of their own: most of a run is waiting."""
        random = Random(seed)
        grounds = [(await new_ground(), Random(random.random())) for _ in range(SIDE_BY_SIDE)]
        async with asyncio.TaskGroup() as group:
            for ground, its_random in grounds:
                group.create_task(self.strike(ground, client, folder, its_random))

    async def strike(self, ground: Ground, client: AsyncMongoClient[Document], folder: Path, random: Random) -> None:
        """Write until all kills have been made, let everything come to rest, ask the oracle."""
        steps = [random.choice(self.steps) for _ in range(self.count)]
        struck = Worker(folder, ground, self.part, [f"{step}:{random.randint(1, 5)}" for step in steps])
        spared = Worker(folder, ground, self.others)
        reactions = self.part == "reactor"
        pause = 0.2 if self.part in ("reactor", "state") else 0.02
        writer = Writer(ground.store(client), random, pause=pause)
        async with watched(ground, client), working(struck, spared):
            await writer.write_until(lambda: all_have_struck([struck]))
            await until_quiet(ground, client, reactions=reactions)
            if self.part == "state":
                await until(lambda: is_told(ground, client), QUIET_SECONDS)
        assert struck.struck() == steps
        await assert_all_is_well(ground, client, writer.acknowledged, reactions=reactions)
