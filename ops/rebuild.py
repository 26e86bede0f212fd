"""Ops, rebuild: a new generation of a projection, ordered here, built by the service itself, watched and compared here.

Whatever interrupts it, the active generation goes on being read; called again it goes on with what was begun.
"""

import asyncio
import time
from dataclasses import dataclass

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from ops.comparison import Comparison, compare
from ops.installation import Installation
from ops.kafka import Kafka
from ops.lag import Lag
from ops.output import console_of
from ops.pointers import Pointer, pointer
from ops.problem import Exit, Problem

LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Built:
    """A generation that has caught up: what it took, and how it compares with the one that is read.

    `went_on`: it was begun before, so that part of it may have been folded by older code.
    """

    pointer: Pointer
    generation: int
    went_on: bool
    events: int
    seconds: float
    parked: int
    comparisons: list[Comparison]

    @property
    def equal(self) -> bool:
        """Whether every collection holds the same in both generations."""
        return all(comparison.equal for comparison in self.comparisons)


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a generation has come, in offsets of its topics."""

    read: int
    all: int
    has_members: bool
    ends: dict[tuple[str, int], int]


def next_generation(one: Pointer) -> tuple[int, bool]:
    """The generation to build, and whether it was begun before."""
    newer = one.newer()
    return (newer, True) if newer else (one.latest + 1, False)


async def build(installation: Installation, one: Pointer, patience: float, *, quiet: bool) -> Built:
    """Order the generation, or go on with it, until it has caught up and is compared.

    Raises Problem where it does not get on for `patience` seconds; nothing is taken back then.
    """
    number, begun = next_generation(one)
    if not begun:
        await one.move({"$push": {"kept": number}, "$set": {"latest": number}})
        one = await pointer(installation, one.name)
    started = time.monotonic()
    async with installation.kafka() as kafka:
        events = await _watch(kafka, one, number, patience, quiet=quiet)
    parked = await one.database["parked"].count_documents({"group": one.group(number)})
    comparisons = await compare(one.database, one.collections, one.active, number)
    return Built(one, number, begun, events, time.monotonic() - started, parked, comparisons)


async def progress_of(kafka: Kafka, one: Pointer, generation: int) -> Progressed:
    """How far a generation has come."""
    group = await kafka.group(one.group(generation))
    extents = await kafka.extents(await kafka.places(one.topics))
    lags = [Lag.of(group, place, extent) for place, extent in extents.items()]
    everything = sum(extent.end - extent.first for extent in extents.values())
    ends = {(lag.topic, lag.partition): lag.end for lag in lags}
    return Progressed(everything - sum(lag.lag for lag in lags), everything, bool(group.members), ends)


async def behind(kafka: Kafka, one: Pointer, generation: int) -> int:
    """How many events a generation has still to read."""
    now = await progress_of(kafka, one, generation)
    return now.all - now.read


async def _watch(kafka: Kafka, one: Pointer, generation: int, patience: float, *, quiet: bool) -> int:
    """Return, with the number of events, when it has read all that was there when it was looked at last."""
    with _bar(quiet=quiet) as bar:
        task = bar.add_task(f"{one.name}, generation {generation}", total=None)
        moved_at, before, asked = time.monotonic(), -1, 0
        while True:
            now = await progress_of(kafka, one, generation)
            bar.update(task, total=now.all, completed=now.read)
            if now.has_members and now.read >= asked and before >= 0:
                return now.read
            if now.read != before:
                moved_at, before = time.monotonic(), now.read
            if time.monotonic() - moved_at > patience:
                raise _stalled(one, generation, now)
            asked = now.all
            await asyncio.sleep(LOOK_SECONDS)


def _stalled(one: Pointer, generation: int, now: Progressed) -> Problem:
    why = (
        "it does not get on: the service's log says why"
        if now.has_members
        else f"no process follows it: does {one.service} run, and is it of a version that knows generations?"
    )
    return Problem(
        Exit.UNFINISHED,
        f"Generation {generation} of {one.name} has read {now.read} of {now.all} events and {why}. "
        f"Generation {one.active} is read as before. Call this again to go on, or give it up: "
        f"`ops projection retire {one.name} {generation} --yes --reason …`.",
    )


class _Rate(ProgressColumn):
    """Events a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def _bar(*, quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console_of(stderr=True), disable=quiet)
