"""The lives of workers, seen from the test: started, watched by what they tell, struck from outside, ended."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from deploy.local.processes import Process
from tests.eventlog.conftest import until
from tests.faults.ground import Ground

_numbers = count(1)


class Worker(Process):
    """A process that runs `parts` on the ground; each plan is what befalls one of its lives."""

    def __init__(self, folder: Path, ground: Ground, parts: str, plans: Iterable[str] = ()) -> None:
        self.plans = list(plans)
        environment = {
            "FAULT_GROUND": json.dumps(asdict(ground)),
            "FAULT_PARTS": parts,
            "FAULT_PLANS": " ".join(self.plans),
        }
        log = folder / f"worker-{next(_numbers)}.log"
        super().__init__("worker", log, [sys.executable, "-m", "tests.faults.worker"], environment)

    def told(self, what: str) -> list[dict[str, Any]]:
        """The lines in which it told of this."""
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        told = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
        return [line for line in told if what in line]

    def ready(self) -> bool:
        return bool(self.told("began"))

    def healthy(self) -> bool:
        """Whether it said so last."""
        told = self.told("healthy")
        return bool(told) and bool(told[-1]["healthy"])

    def struck(self) -> list[str]:
        """The steps at which it was struck."""
        return [line["struck"] for line in self.told("struck")]

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def ended_with(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._running.poll() if self._running else None


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[Sequence[Worker]]:
    """Let them work while the body runs; they end in good order, or the test fails."""
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            await has_begun(worker)
        yield workers
        for worker in workers:
            await end(worker)
    finally:
        for worker in workers:
            worker.kill()


async def has_begun(worker: Worker) -> None:
    """Return when it works, or was struck before it could say so."""

    async def ready() -> bool:
        assert worker.alive(), worker.last_lines()
        return worker.ready() or bool(worker.struck())

    await until(ready, seconds=60)


async def end(worker: Worker) -> None:
    """SIGTERM; 15 seconds is all it gets."""
    worker.ask_to_stop()
    async with asyncio.timeout(15):
        while worker.alive():
            await asyncio.sleep(0.05)
    assert worker.ended_with() == 0, worker.last_lines()


async def all_have_struck(workers: Iterable[Worker]) -> bool:
    """Whether everything that was planned has befallen them."""
    for worker in workers:
        assert worker.alive(), worker.last_lines()
    return all(len(worker.struck()) == len(worker.plans) for worker in workers)
