"""A relay killed between sending, Kafka's word and its own mark: at least once, in order, with its effect once."""

from pathlib import Path

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.conftest import NewGround
from tests.faults.kills import Kills
from tests.faults.seeds import seeds
from tests.faults.steps import RELAY_STEPS

KILLS = Kills("relay", "projector", RELAY_STEPS, 3)


@seeds(short=1, long=14)
async def test_a_relay_killed_at_any_step_publishes_everything_in_order(
    new_ground: NewGround, client: AsyncMongoClient[Document], tmp_path: Path, seed: int
) -> None:
    await KILLS.strike_side_by_side(new_ground, client, tmp_path, seed)
