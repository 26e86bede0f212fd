"""Replicas behind the balancer: restarted one after the other under everybody's hands, and nobody notices."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from deploy.local.balancer import Balancer
from deploy.local.ports import some_free
from deploy.local.processes import Process, StartFailed
from deploy.local.replicas import Replicas
from deploy.local.services import Service

pytestmark = pytest.mark.servers

DRAIN_SECONDS = 2  # longer than the balancer takes to notice, and than a caller here keeps an idle connection
KEPT_SECONDS = 1
CALLERS = 8


class Toy(Service):
    """One process of the toy."""

    def __init__(self, log: Path, port: int, seconds: int = DRAIN_SECONDS):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        Process.__init__(self, "toy", log, [sys.executable, "-m", "tests.local.toy", str(port), str(seconds)])


class Fleet:
    """Two processes, a spare place for a third, and the address at which they are called."""

    def __init__(self, folder: Path):
        admin, address, *ports = some_free(5)
        slots = [Toy(folder / f"toy-{port}.log", port) for port in ports]
        self.balancer = Balancer(folder, folder / "balancer.log", admin, {"toy": address}, {"toy": slots})
        self.replicas = Replicas("toy", slots, self.balancer.sends_to)
        self.url = f"http://127.0.0.1:{address}"
        self.spare = slots[-1]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path)
    try:
        for part in (fleet.replicas, fleet.balancer):
            part.start()
            part.wait()
        yield fleet
    finally:
        fleet.replicas.kill()
        fleet.balancer.stop(3)


async def call(url: str, seed: int, over: asyncio.Event) -> list[int]:
    """Ask again and again over kept connections, as a service does; the process ids that answered."""
    random, seen = Random(seed), []
    limits = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=5) as http:
        while not over.is_set():
            answer = await http.get(f"{url}/who")
            assert answer.status_code == 200
            seen.append(int(answer.text))
            await asyncio.sleep(random.expovariate(20))
    return seen


async def test_a_rolling_restart_replaces_every_process_and_no_caller_notices(fleet: Fleet) -> None:
    before, over = set(fleet.replicas.pids()), asyncio.Event()
    callers = [asyncio.create_task(call(fleet.url, seed, over)) for seed in range(CALLERS)]
    await asyncio.to_thread(fleet.replicas.roll)
    over.set()
    seen = [pid for caller in await asyncio.gather(*callers) for pid in caller]
    after = set(fleet.replicas.pids())
    assert len(after) == len(before) == 2
    assert not after & before
    assert set(seen) == after | before, "each answered while it was there"


def test_while_it_drains_a_process_answers_and_lets_no_connection_be_used_again(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy.log", some_free(1)[0])
    toy.start()
    try:
        toy.wait()
        assert "connection" not in httpx.get(f"{toy.url}/who", trust_env=False).headers
        toy.ask_to_stop()
        while toy.ready():
            pass
        answer = httpx.get(f"{toy.url}/who", trust_env=False)
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    finally:
        toy.stop()
    assert not toy.was_killed()


def test_where_the_new_one_does_not_get_ready_the_old_ones_stay(fleet: Fleet) -> None:
    before = fleet.replicas.pids()
    with socket.create_server(("127.0.0.1", fleet.spare.port)), pytest.raises(StartFailed, match="ended by itself"):
        fleet.replicas.roll()
    assert fleet.replicas.pids() == before
    assert httpx.get(f"{fleet.url}/who", trust_env=False).status_code == 200
