"""The supervisor: keeps the background parts of a service alive: the relay, the listeners and what follows the views.

A part that failed begins another life after a pause, and so does one that no longer gets on: a Kafka consumer can hang
for ever after a broker's restart (aio-libs/aiokafka#1154). `last_turn` is what readiness judges a part by: it moves
when work was done, or there was none; that a part has begun again and again says nothing. Liveness asks the bus's
`Looks`: who is no longer looked after, however well or badly they get on.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from eventlog.measures import RESTARTS, TURN_AGE
from eventlog.process import cancelled

log = structlog.get_logger(__name__)

STALLED_SECONDS = 20.0
NEVER = float("-inf")
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 1.0
GOODBYE_SECONDS = 9.5
FORGOTTEN_SECONDS = 30.0  # well beyond the longest pause between two looks, which is a goodbye's

Look = Callable[[], float]
"""Says that the part is looked after; the time, in monotonic seconds."""


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


class Looks:
    """When each part of one bus was last looked at; one whose supervision broke off stays."""

    def __init__(self) -> None:
        self._looked_at: dict[Part, float] = {}

    def stuck(self) -> list[str]:
        """The parts that nobody looks after any more: only another process will."""
        now = time.monotonic()
        return [part.name for part, looked_at in self._looked_at.items() if now - looked_at > FORGOTTEN_SECONDS]

    @contextmanager
    def after(self, part: Part) -> Iterator[Look]:
        """What is called at each look; once the part is given up in good order it is looked after no more."""
        first = time.monotonic()

        def look() -> float:
            now = self._looked_at[part] = time.monotonic()
            TURN_AGE.labels(part.name).set(now - max(first, part.last_turn))
            return now

        RESTARTS.labels(part.name)  # to be seen as 0
        look()
        try:
            yield look
        except Exception:
            raise  # it stays on the list, for liveness to see
        except BaseException:
            self._give_up(part)
            raise
        self._give_up(part)

    def _give_up(self, part: Part) -> None:
        self._looked_at.pop(part, None)
        TURN_AGE.remove(part.name)


async def supervise(part: Part, looks: Looks) -> None:
    """Let the part live again and again until this is cancelled; `looks` is where liveness will ask for it."""
    with looks.after(part) as look:
        while not cancelled():
            life = asyncio.create_task(part.run(), name=part.name)
            try:
                await _watch(part, life, look)
            finally:
                await _end(part, life)
            await asyncio.sleep(PAUSE_SECONDS)
            RESTARTS.labels(part.name).inc()


async def _watch(part: Part, life: asyncio.Task[None], look: Look) -> None:
    """Return when the life is over, or when it ought to be."""
    begun = time.monotonic()
    while not (await asyncio.wait([life], timeout=LOOK_SECONDS))[0]:
        if look() - max(begun, part.last_turn) > STALLED_SECONDS:
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
