"""Kafka and MongoDB killed and brought back: what was acknowledged survives, and all goes on by itself."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from pymongo import AsyncMongoClient

from deploy.local.processes import Part
from eventlog.process import open_client
from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.conftest import prepared
from tests.faults.ground import COUNTS, ROWS, Ground
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.own import OwnServers, bring_up
from tests.faults.quiet import until_quiet
from tests.faults.seeds import seeds
from tests.faults.writer import Writer

RESUME_SECONDS = 10.0
ON_A_BUSY_MACHINE = 60.0
CATCH_UP_SECONDS = 90.0  # a machine that is busy with other things takes most of it


class Outage:
    """The servers are killed while something is under way, and come back after a while."""

    def __init__(self, servers: Sequence[Part], random: Random) -> None:
        self.over_at = 0.0
        self._servers = servers
        self._before, self._away = random.uniform(0.5, 2), random.uniform(0.5, 4)

    async def happen(self) -> None:
        await asyncio.sleep(self._before)
        for server in self._servers:
            await asyncio.to_thread(server.kill)

        await asyncio.sleep(self._away)

        await asyncio.gather(*map(bring_up, self._servers))
        self.over_at = time.monotonic()

    async def is_over(self) -> bool:
        return self.over_at > 0

    def left(self, seconds: float) -> float:
        """What is left of so many seconds after its end."""
        return self.over_at + seconds - time.monotonic()


async def progress(ground: Ground, client: AsyncMongoClient[Document]) -> tuple[int, ...]:
    """How much each part has done: events published, in the view, reacted to."""
    counts = ground.answers(client).database[COUNTS]
    return (
        await client[ground.name]["events"].count_documents({"published": True}),
        await client[ground.name][ROWS].count_documents({}),
        sum([counted["answers"] async for counted in counts.find()]),
    )


async def got_on(ground: Ground, client: AsyncMongoClient[Document], before: tuple[int, ...]) -> bool:
    """Whether every part has done something since."""
    return all(now > then for now, then in zip(await progress(ground, client), before, strict=True))


async def says_healthy(worker: Worker) -> bool:
    return worker.healthy()


@seeds(short=1, long=1)
@pytest.mark.parametrize("which", ["kafka", "mongo"])
async def test_all_resume_unaided_when_a_killed_server_is_back(
    own: OwnServers, tmp_path: Path, seed: int, which: str
) -> None:
    await strike(own, tmp_path, seed, which, ON_A_BUSY_MACHINE)


@pytest.mark.long
@seeds(short=5, long=5)
@pytest.mark.parametrize("which", ["kafka", "mongo", "both"])
async def test_all_resume_within_ten_seconds(own: OwnServers, tmp_path: Path, seed: int, which: str) -> None:
    await strike(own, tmp_path, seed, which, RESUME_SECONDS)


async def strike(own: OwnServers, folder: Path, seed: int, which: str, seconds: float) -> None:
    """Kill the servers while events are written; every part has to do something new within so many seconds of their
    being back."""
    random = Random(seed)
    servers: dict[str, list[Part]] = {"kafka": [own.kafka], "mongo": [own.mongo], "both": [own.kafka, own.mongo]}
    outage = Outage(servers[which], random)
    async with open_client(own.mongo.uri("root")) as client, prepared(own.ground(), client) as ground:
        writer = Writer(ground.store(client), random, pause=0.1)
        worker = Worker(folder, ground, "relay projector reactor")
        async with watched(ground, client), working(worker):
            await writer.write(10)
            await until_quiet(ground, client, reactions=True)
            async with asyncio.TaskGroup() as group:
                group.create_task(outage.happen())
                group.create_task(writer.write_until(outage.is_over))
            before = await progress(ground, client)
            await writer.write(5)
            await until(lambda: got_on(ground, client, before), outage.left(seconds))
            await until_quiet(ground, client, reactions=True, seconds=outage.left(CATCH_UP_SECONDS))
            await until(lambda: says_healthy(worker))
        await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)
