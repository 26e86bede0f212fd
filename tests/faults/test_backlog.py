"""A backlog of 100,000 events that an outage left behind drains, in order, and comes into view."""

from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.ground import Ground
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.quiet import until_quiet
from tests.faults.writer import fill

EVENTS = 100_000


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_backlog_of_a_hundred_thousand_events_drains_in_order(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path
) -> None:
    await fill(ground.store(client), EVENTS)
    async with watched(ground, client), working(Worker(tmp_path, ground, "relay projector")):
        await until_quiet(ground, client, seconds=300)
    await assert_all_is_well(ground, client)
