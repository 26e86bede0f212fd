"""A subscriber that is killed in the middle of its work: nothing is missed and nothing counted twice."""

import asyncio
import random
from pathlib import Path
from uuid import uuid4

from medonline_contracts.cards import holder_card_id
from tests.cards.people import authenticated
from tests.cards.world import World
from tests.servers import RealServers
from tests.subscribers.conftest import Command
from tests.subscribers.running import known_from, known_in, running, until_known, until_told
from tests.subscribers.sqlite import make_fast, make_slow

PEOPLE = 120
KILLS = 4


async def test_it_goes_on_where_it_was(command: Command, world: World, servers: RealServers, tmp_path: Path) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    chance = random.Random(20261122)
    async with running(command(file), complaints):
        before = await until_known(file, servers.bootstrap_servers)
    make_slow(file)
    accounts = [str(uuid4()) for _ in range(PEOPLE)]
    for account in accounts:
        await world.publish(account, 2, authenticated(account))
    cards = {holder_card_id(account) for account in accounts}
    await until_told(cards, servers.bootstrap_servers)

    killed_in_between = 0
    for _ in range(KILLS):
        async with running(command(file), complaints):
            await asyncio.sleep(chance.uniform(0.1, 0.9))
        killed_in_between += known_in(file) != await known_from(servers.bootstrap_servers)
    assert killed_in_between == KILLS, "it was done before it was killed: the test shows nothing"

    make_fast(file)
    async with running(command(file), complaints):
        after = await until_known(file, servers.bootstrap_servers)
    assert cards <= after.patients.keys()
    assert sum(after.registrations.values()) == sum(before.registrations.values()) + PEOPLE
