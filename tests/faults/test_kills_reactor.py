"""A reactor killed before, inside and after its transaction: what follows from an event follows once."""

from pathlib import Path

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.kills import Kills
from tests.faults.seeds import seeds
from tests.faults.steps import REACTOR_STEPS

KILLS = Kills("reactor", "relay projector", REACTOR_STEPS, 2)


@seeds(short=1, long=16)
async def test_a_reactor_killed_at_any_step_reacts_to_each_event_once(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    await KILLS.strike_side_by_side(new_ground, client, tmp_path, seed)
