"""The supervisor: keeps the background parts of a service alive: the relay, the listeners and what follows the views.

A part that failed begins another life after a pause, and so does one that no longer gets on: a Kafka consumer can hang
for ever after a broker's restart (aio-libs/aiokafka#1154). `last_turn` is what readiness judges a part by: it moves
when work was done, or there was none; that a part has begun again and again says nothing.
"""

import asyncio
import time
from typing import Protocol

import structlog

from eventlog.process import cancelled

log = structlog.get_logger(__name__)

STALLED_SECONDS = 20.0
NEVER = float("-inf")
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 1.0
GOODBYE_SECONDS = 9.5


class Part(Protocol):
    """Background work: `run` is one life, ended by an exception or from outside; `last_turn` is monotonic seconds."""

    @property
    def name(self) -> str:
        """What it is called in logs."""

    @property
    def last_turn(self) -> float:
        """When it last got on; `NEVER` until it has."""

    async def run(self) -> None:
        """Work until cancelled."""


def turns(part: Part) -> bool:
    """Whether the part got on lately."""
    return time.monotonic() - part.last_turn < STALLED_SECONDS


async def supervise(part: Part) -> None:
    """Let the part live again and again until this is cancelled."""
    while not cancelled():
        life = asyncio.create_task(part.run(), name=part.name)
        try:
            await _watch(part, life)
        finally:
            await _end(part, life)
        await asyncio.sleep(PAUSE_SECONDS)


async def _watch(part: Part, life: asyncio.Task[None]) -> None:
    """Return when the life is over, or when it ought to be."""
    begun = time.monotonic()
    while not (await asyncio.wait([life], timeout=LOOK_SECONDS))[0]:
        if time.monotonic() - max(begun, part.last_turn) > STALLED_SECONDS:
            log.error("part_stalled", part=part.name)
            return


async def _end(part: Part, life: asyncio.Task[None]) -> None:
    life.cancel()
    if not (await asyncio.wait([life], timeout=GOODBYE_SECONDS))[0]:
        log.error("part_does_not_end", part=part.name)  # it is left behind: the next life does not need it
    elif not life.cancelled() and (error := life.exception()):
        log.warning("part_failed", part=part.name, error=type(error).__name__, reason=_told(error))


def _told(error: BaseException) -> str | None:
    """The text of our own errors, which say what to do; a driver's error may quote what it was given."""
    return str(error) if type(error).__module__.startswith("eventlog.") else None
