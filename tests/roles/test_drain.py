"""A process that is told to end goes on answering until those who send requests have heard of it."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.gateway import answers_ok
from deploy.local.ports import some_free
from deploy.local.processes import Process

DRAIN_SECONDS = 5.0  # for a few quick requests, on a machine that has much else to do
LONG_SECONDS = 60.0


class Lingering(Process):
    """The process of `lingering`."""

    def __init__(self, folder: Path, drain_seconds: float) -> None:
        (port,) = some_free(1)
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.roles.lingering", str(port), str(drain_seconds)]
        super().__init__("lingering", folder / "lingering.log", command)

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/health/ready")

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self._signal(signal.SIGINT)


@pytest.fixture
def lingering(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lingering]:
    process = Lingering(tmp_path, getattr(request, "param", DRAIN_SECONDS))
    process.start()
    process.wait()
    yield process
    process.kill()


async def gone(process: Lingering) -> None:
    """Return when it has ended."""
    async with asyncio.timeout(30):
        while process.alive():
            await asyncio.sleep(0.02)


async def test_a_process_told_to_end_answers_everything_for_a_while_and_says_that_it_is_not_ready(
    lingering: Lingering,
) -> None:
    async with httpx.AsyncClient(base_url=lingering.url) as http:
        told_at = time.monotonic()
        lingering.ask_to_stop()
        while (ready := await http.get("/health/ready")).status_code == 200:
            await asyncio.sleep(0.01)
        last = asyncio.create_task(http.get("/slow", timeout=30))  # begun within the while, answered after it
        assert (ready.status_code, ready.json()) == (503, {"prepared": True, "stays": False})
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/health/started")).status_code == 200
        assert not last.done()
        assert (await last).status_code == 200
        assert time.monotonic() - told_at >= DRAIN_SECONDS
    await gone(lingering)
    assert not answers_ok(f"{lingering.url}/health/live")


@pytest.mark.parametrize("lingering", [LONG_SECONDS], indirect=True)
async def test_who_is_told_twice_or_interrupted_ends_at_once(lingering: Lingering) -> None:
    lingering.ask_to_stop()
    await asyncio.sleep(0.1)
    lingering.interrupt()
    await gone(lingering)
