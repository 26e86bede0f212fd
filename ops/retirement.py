"""Ops, retirement: the end of a generation: no longer kept current, and gone with its collections, events and group.

Collections and parked events are dropped by the service, on an order that is written here once no process reads for the
generation any more: whoever operates need not be able to drop anything, logs included.
"""

import asyncio
import time

from eventlog.projection import suffix
from ops.installation import Installation
from ops.kafka import Kafka
from ops.pointers import Pointer, pointer, stays
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
        f"have {one.service} drop its collections: {gone}",
        f"have it forget the events parked by {one.group(generation)}, and forget that group's offsets in Kafka",
    ]


async def retire(installation: Installation, one: Pointer, generation: int, patience: float) -> None:
    """Do it; called again after an interruption it goes on.

    Raises Problem where a process does not let go of it, or none drops it.
    """
    steps_of(one, generation)
    group = one.group(generation)
    async with installation.kafka() as kafka:
        if generation in one.kept:
            await one.move({"$pull": {"kept": generation}})
        await _let_go(kafka, one, generation, patience)
        await one.order_dropping(generation)
        await _dropped(installation, one, generation, patience)
        await kafka.delete_group(group)


def again(one: Pointer, generation: int) -> str:
    """What goes on with it; `ops projection verify`, which retires as well, would begin another one."""
    return f"`ops projection retire {one.name} {generation} --yes --reason …`"


async def _let_go(kafka: Kafka, one: Pointer, generation: int, patience: float) -> None:
    group = one.group(generation)
    deadline = time.monotonic() + patience
    while (await kafka.group(group)).members:
        if time.monotonic() > deadline:
            raise Problem(
                Exit.UNFINISHED,
                f"Processes still read for {group}, so nothing is dropped yet: see what they do, then "
                f"{again(one, generation)}.",
            )
        await asyncio.sleep(LOOK_SECONDS)


async def _dropped(installation: Installation, one: Pointer, generation: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while generation in (now := await pointer(installation, one.name)).to_drop:
        if time.monotonic() > deadline:
            raise Problem(
                Exit.UNFINISHED,
                f"{one.service} has not dropped generation {generation} of {one.name} in time: does it run, and is it "
                "of a version that drops on an order? The order stands, and is carried out as soon as one does; then "
                f"{again(one, generation)}, for the group in Kafka.",
            )
        await asyncio.sleep(LOOK_SECONDS)
    if generation == now.active or generation in now.kept:
        raise stays(one, generation)
    if generation in await now.leftovers():
        sentence = f"Something was written to generation {generation} once more: {again(one, generation)}."
        raise Problem(Exit.UNFINISHED, sentence)
