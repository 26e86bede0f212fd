"""Ops, retirement: the end of a generation: no longer kept current, and gone with its collections, events and group."""

import asyncio
import time

from eventlog.projection import suffix
from ops.installation import Installation
from ops.kafka import Kafka
from ops.pointers import Pointer
from ops.problem import Exit, Problem

LOOK_SECONDS = 0.5


def steps_of(one: Pointer, generation: int) -> list[str]:
    """What it takes to retire a generation. Raises Problem for the one that is read."""
    if generation == one.active:
        raise Problem(
            Exit.REFUSED, f"Generation {generation} of {one.name} is the one that is read: activate another one first."
        )
    if not 1 <= generation <= one.latest:
        raise Problem(Exit.REFUSED, f"{one.name} has never had a generation {generation}.")
    stop = [f"stop keeping generation {generation} of {one.name} current"] if generation in one.kept else []
    gone = ", ".join(name + suffix(generation) for name in one.collections)
    return [
        *stop,
        f"drop its collections: {gone}",
        f"forget the events parked by {one.group(generation)}, and that group's offsets in Kafka",
    ]


async def retire(installation: Installation, one: Pointer, generation: int, patience: float) -> None:
    """Do it; called again after an interruption it goes on. Raises Problem where a process does not let go of it."""
    steps_of(one, generation)
    group = one.group(generation)
    async with installation.kafka() as kafka:
        if generation in one.kept:
            await one.move({"$pull": {"kept": generation}})
        await _let_go(kafka, group, patience)
        for name in one.collections:
            await one.database.drop_collection(name + suffix(generation))
        await one.database["parked"].delete_many({"group": group})
        await kafka.delete_group(group)


async def _let_go(kafka: Kafka, group: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while (await kafka.group(group)).members:
        if time.monotonic() > deadline:
            raise Problem(
                Exit.UNFINISHED,
                f"Processes still read for {group}, so nothing is dropped yet: see what they do, then call this again.",
            )
        await asyncio.sleep(LOOK_SECONDS)
