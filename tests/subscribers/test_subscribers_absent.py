"""A subscriber that did not read for longer than tombstones are kept: whom one of them removed it must not keep."""

import asyncio
import time
from pathlib import Path

from medonline_contracts.cards import holder_card_id
from tests.cards.asking import registered
from tests.cards.world import World
from tests.servers import RealServers
from tests.subscribers.conftest import Command
from tests.subscribers.running import known_in, running, until_known, until_told
from tests.subscribers.sqlite import change, oldest_reading

DAY = 24 * 60 * 60
GHOST = "removed meanwhile"


def let_be_read(file: Path, days_ago: int, where: str = "true") -> None:
    """Let these partitions have been read to their ends so long ago; somebody in the index was removed since."""
    ghost = f"INSERT OR REPLACE INTO patient (card_id, family_name) VALUES ('{GHOST}', 'Призраков')"
    change(file, f"BEGIN; {ghost}; UPDATE place SET read_at = {time.time() - days_ago * DAY} WHERE {where}; COMMIT;")


async def somebody_registers(world: World, servers: RealServers) -> None:
    """Return when the topics tell of their card."""
    holder = await registered(world)
    await until_told({holder_card_id(holder.account_id)}, servers.bootstrap_servers)


async def test_who_was_away_for_longer_builds_the_index_anew(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    await somebody_registers(world, servers)
    async with running(command(file), complaints):
        before = await until_known(file, servers.bootstrap_servers)

    let_be_read(file, days_ago=5)
    async with running(command(file), complaints):
        pass
    assert GHOST in known_in(file).patients  # five days are no reason to read everything again

    let_be_read(file, days_ago=31)
    async with running(command(file), complaints):
        assert await until_known(file, servers.bootstrap_servers) == before


async def test_one_partition_that_was_left_behind_is_reason_enough(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    await somebody_registers(world, servers)
    async with running(command(file), complaints):
        before = await until_known(file, servers.bootstrap_servers)
    let_be_read(file, days_ago=31, where="topic = 'cards.state' AND partition = 0")
    async with running(command(file), complaints):
        assert await until_known(file, servers.bootstrap_servers) == before


async def test_who_was_never_restarted_builds_it_anew_when_the_brokers_come_back(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    await somebody_registers(world, servers)
    async with running(command(file), complaints):
        await until_known(file, servers.bootstrap_servers)
        let_be_read(file, days_ago=31)
        await somebody_registers(world, servers)
        await until_known(file, servers.bootstrap_servers)


async def test_who_reads_on_was_not_away_however_little_there_was_to_read(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    await somebody_registers(world, servers)
    async with running(command(file), complaints):
        await until_known(file, servers.bootstrap_servers)
        let_be_read(file, days_ago=20)
        async with asyncio.timeout(60):
            while oldest_reading(file) < time.time() - DAY:
                await asyncio.sleep(0.2)
    assert GHOST in known_in(file).patients
