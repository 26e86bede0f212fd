"""The memory of the load: what each process holds, looked at every two seconds, and whether it stays at that."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median

from bench.load.notes import Notes
from deploy.local.stack import Stack

LOOK_SECONDS = 2.0
NOT_OURS = ("kafka", "mongo", "esia")  # they fill what they were given: 320 MB of heap, 256 MB of cache


@dataclass(frozen=True, slots=True)
class Sample:
    """A process's resident set in megabytes, so many seconds after the begin."""

    at: float
    part: str
    pid: int
    megabytes: float


class Memory:
    """What was seen."""

    def __init__(self, stack: Stack, notes: Notes) -> None:
        self._stack = stack
        self._notes = notes
        self.samples: list[Sample] = []

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.samples += self._look()
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> Iterator[Sample]:
        at = self._notes.now()
        for part, pids in self._stack.pids().items():
            for pid in pids:
                with suppress(OSError, IndexError):  # it has just ended
                    yield Sample(at, part, pid, resident_megabytes(pid))

    def of_ours(self, begin: float, end: float) -> dict[str, float]:
        """The median megabytes of one process of each part of ours in this time."""
        found: dict[str, list[float]] = defaultdict(list)
        for sample in self.samples:
            if begin <= sample.at < end and sample.part not in NOT_OURS:
                found[sample.part].append(sample.megabytes)
        return {part: median(megabytes) for part, megabytes in found.items()}

    def growth_per_minute(self, begin: float, end: float) -> dict[str, float]:
        """By what share of itself the fastest growing process of each part of ours grew in a minute of this time.

        The slope of the line through its samples (least squares), divided by their median.
        """
        lives: dict[tuple[str, int], list[Sample]] = defaultdict(list)
        for sample in self.samples:
            if begin <= sample.at < end and sample.part not in NOT_OURS:
                lives[sample.part, sample.pid].append(sample)
        growth: dict[str, float] = {}
        for (part, _), life in lives.items():
            growth[part] = max(growth.get(part, 0.0), _growth(life))
        return growth


def _growth(life: list[Sample]) -> float:
    if len(life) < 3:
        return 0.0
    megabytes = [sample.megabytes for sample in life]
    slope = linear_regression([sample.at for sample in life], megabytes).slope
    return slope * 60 / median(megabytes)


def resident_megabytes(pid: int) -> float:
    """Raises OSError where there is no such process, IndexError where it is just ending."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
