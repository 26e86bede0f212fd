"""A relay frozen past its lease and woken when its successor has published: the broker refuses what it still says."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.ground import Ground
from tests.faults.lives import Worker, all_have_struck, working
from tests.faults.oracle import assert_all_is_well, records_of
from tests.faults.quiet import until_quiet
from tests.faults.writer import Writer

WAKING_SECONDS = 4.0  # its life ends, the supervisor begins another, and that one asks for the lease
BEFORE_KAFKA_HAS_IT = ("relay.sending", "relay.sent")
AFTERWARDS = ("relay.acknowledged", "relay.marked")


@pytest.mark.parametrize(
    "step", ["relay.sent", *(pytest.param(step, marks=pytest.mark.long) for step in ("relay.sending", *AFTERWARDS))]
)
async def test_a_frozen_relay_writes_nothing_once_its_successor_has_published(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path, step: str
) -> None:
    frozen = Worker(tmp_path, ground, "relay", [f"{step}:3:stop"])
    writer = Writer(ground.store(client), Random(step))
    async with working(frozen):
        await writer.write_until(lambda: all_have_struck([frozen]))
        await writer.write(10)
        async with working(Worker(tmp_path, ground, "relay projector")):
            await until_quiet(ground, client)
            published = await everything_in(ground)
            frozen.wake()
            if step in BEFORE_KAFKA_HAS_IT:
                await until(lambda: has_given_up(frozen))
            await asyncio.sleep(WAKING_SECONDS)
            assert await everything_in(ground) == published
            await writer.write(10)
            await until_quiet(ground, client)
            if step in BEFORE_KAFKA_HAS_IT:
                committed = await records_of(ground)
                assert len(committed) == await ground.store(client).events.count_documents({})
    await assert_all_is_well(ground, client, writer.acknowledged)


async def has_given_up(relay: Worker) -> bool:
    """Whether a life of it is over: the broker refused it, or its supervisor saw first how long it had stood still."""
    told = relay.log.read_text()
    return "part_failed" in told or "part_stalled" in told


async def everything_in(ground: Ground) -> list[tuple[int, int]]:
    """Each record that ever reached the topic, committed or not."""
    return sorted((record.partition, record.offset) for record in await records_of(ground, committed=False))
