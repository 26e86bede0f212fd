"""A clock that goes an hour back or ahead between any two events: they are ordered by version only."""

import time
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.ground import Ground
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.quiet import until_quiet
from tests.faults.seeds import seeds
from tests.faults.writer import Writer

HOUR = 3600


@seeds(short=1, long=4)
async def test_events_are_ordered_by_version_whatever_the_clock_says(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    monkeypatch.setattr("eventlog.store.uuid7", lambda: uuid7_at(time.time() + random.choice((-HOUR, 0, HOUR))))
    writer = Writer(ground.store(client), random)
    await writer.write(30)
    async with watched(ground, client), working(Worker(tmp_path, ground, "relay projector reactor")):
        await writer.write(60)
        await until_quiet(ground, client, reactions=True)
    ids = [e["_id"] async for e in ground.store(client).events.find().sort([("stream_id", 1), ("version", 1)])]
    assert ids != sorted(ids)
    await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)


def uuid7_at(seconds: float) -> UUID:
    """A UUIDv7 made when the clock says so."""
    return UUID(int=int(seconds * 1000) << 80 | 0x7 << 76 | uuid4().int & (1 << 76) - 1)
