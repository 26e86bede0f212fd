"""The disk full under Kafka, then under MongoDB: no word without durability, and all goes on after space and a restart.

The disk is a small tmpfs, which only root can mount.
"""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from pymongo.errors import PyMongoError

from deploy.local.processes import Part
from eventlog.process import open_client
from tests.faults.conftest import prepared
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.own import OwnServers, bring_up, own_servers
from tests.faults.quiet import until_quiet
from tests.faults.writer import Writer

MEGABYTE = 1 << 20
DISK_MEGABYTES = 900  # MongoDB alone sets aside some hundreds for its journal

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(400),
    pytest.mark.skipif(os.geteuid() != 0, reason="a full disk NOT TESTED: runs as root, who can mount a small one"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def ballast(disk: Path) -> Path:
    """A file that takes all that is left."""
    file = disk / "ballast"
    with file.open("wb", buffering=0) as taken:
        for size in (MEGABYTE, 4096):
            with suppress(OSError):
                while taken.write(b"x" * size) == size:
                    pass
    return file


async def fill_up(disk: Path, server: Part, push: Callable[[], Awaitable[None]]) -> None:
    """Let nothing fit on the disk until the server gives up; then make space and bring it back."""
    file = ballast(disk)
    try:
        async with asyncio.timeout(120):
            while server.alive():
                await push()
                await asyncio.sleep(0.1)
    finally:
        file.unlink()
        await bring_up(server)


async def test_what_a_full_kafka_does_not_take_is_published_when_it_has_space(disk: Path, tmp_path: Path) -> None:
    async def push() -> None:
        return  # what the relay sends is enough

    async with own_servers(tmp_path, kafka=disk / "kafka") as own:
        await _fill_and_go_on(own, disk, own.kafka, tmp_path, push)


async def test_what_a_full_mongodb_acknowledged_is_there_when_it_has_space(disk: Path, tmp_path: Path) -> None:
    async with own_servers(tmp_path, mongo=disk / "mongo") as own, open_client(own.mongo.uri("root")) as somebody:

        async def push() -> None:
            with suppress(PyMongoError):
                await somebody["elsewhere"]["junk"].insert_one({"junk": os.urandom(8 * MEGABYTE)})

        await _fill_and_go_on(own, disk, own.mongo, tmp_path, push)


async def _fill_and_go_on(
    own: OwnServers, disk: Path, server: Part, folder: Path, push: Callable[[], Awaitable[None]]
) -> None:
    async with open_client(own.mongo.uri("root")) as client, prepared(own.ground(), client) as ground:
        writer = Writer(ground.store(client), Random(1))
        is_over = asyncio.Event()

        async def over() -> bool:
            return is_over.is_set()

        async with watched(ground, client), working(Worker(folder, ground, "relay projector reactor")):
            await writer.write(20)
            await until_quiet(ground, client, reactions=True)
            writing = asyncio.create_task(writer.write_until(over, seconds=240))
            await fill_up(disk, server, push)
            is_over.set()
            await writing
            await until_quiet(ground, client, reactions=True, seconds=120)
        await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)
