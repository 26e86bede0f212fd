"""A projector killed before, in the middle of and after its writes: to do it again changes nothing."""

from pathlib import Path

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.kills import Kills
from tests.faults.seeds import seeds
from tests.faults.steps import PROJECTOR_STEPS

KILLS = Kills("projector", "relay", PROJECTOR_STEPS, 2)


@seeds(short=1, long=16)
async def test_a_projector_killed_at_any_step_leaves_the_view_as_the_log_says(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    await KILLS.strike_side_by_side(new_ground, client, tmp_path, seed)
