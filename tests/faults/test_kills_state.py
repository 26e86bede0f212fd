"""The writer of a compacted topic killed at any step: the last word on every key is never a stale one."""

from pathlib import Path

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.kills import Kills
from tests.faults.seeds import seeds
from tests.faults.steps import STATE_STEPS

KILLS = Kills("state", "relay projector", STATE_STEPS, 2)


@seeds(short=1, long=10)
async def test_a_state_feed_killed_at_any_step_leaves_no_stale_word(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    await KILLS.strike_side_by_side(new_ground, client, tmp_path, seed)
