"""The run: the users come one after another, everything is restarted in the middle, and what was noted comes back."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.load.loss import lost
from bench.load.memory import Memory
from bench.load.notes import Notes
from bench.load.user import User
from deploy.local.processes import StartFailed
from deploy.local.replicas import RollFailed
from deploy.local.stack import Stack
from tests.journeys.steps import citizens

COMING = 0.2  # of the time, in which the users arrive
RESTART_AT = 0.4
AFTER = 0.25  # of the time, at least, after the restart


@dataclass(frozen=True, slots=True)
class Plan:
    """How many users walk for how many seconds, think for how long on average, and which parts are restarted."""

    users: int
    seconds: float
    thinking: float
    restarted: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was noted; `restart` is from when to when, in seconds since the begin, as the others.

    `walked` is until when everybody walked. Then people finish what they have begun and go; `end` is when all have.
    """

    notes: Notes
    memory: Memory
    restart: tuple[float, float]
    walked: float
    end: float
    lost: list[str]


async def walk(stack: Stack, plan: Plan) -> Outcome:
    """Let the users walk through the running portal."""
    notes = Notes()
    memory = Memory(stack, notes)
    watching = asyncio.create_task(memory.watch())
    begin, over, walked = await _walk(stack, plan, notes)
    end = notes.now()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return Outcome(notes, memory, (begin, over), walked, end, await lost(stack, notes.acknowledged))


async def _walk(stack: Stack, plan: Plan, notes: Notes) -> tuple[float, float, float]:
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(citizens(stack.people)[: plan.users]):
            user = User(number, person, stack, notes, plan.thinking)
            group.create_task(_come(user, plan.seconds * COMING * number / plan.users, enough))
        await asyncio.sleep(plan.seconds * RESTART_AT)
        begin = notes.now()
        for part in plan.restarted:
            try:
                await asyncio.to_thread(stack.roll, part)
            except (StartFailed, RollFailed) as error:
                notes.failed(f"restart of {part}", error)
        over = notes.now()
        await asyncio.sleep(max(plan.seconds - over, plan.seconds * AFTER))
        walked = notes.now()
        enough.set()
    return begin, over, walked


async def _come(user: User, after: float, enough: asyncio.Event) -> None:
    await asyncio.sleep(after)
    await user.live(enough)
