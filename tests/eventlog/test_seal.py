"""How long a log is believed to be open: so long, and no longer, can something still be appended to one just sealed."""

from typing import Any, cast

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.seal import LOOK_SECONDS, PLACES, LogSealed, Seal
from eventlog.store import APPEND_SECONDS


class Clock:
    """The seal's, which moves while MongoDB takes its time."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Places:
    """A collection that looks at once and whose answer is so many seconds under way."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self.sealed: dict[str, str] | None = None
        self.asked = 0

    async def find_one(self, _: object) -> dict[str, str] | None:
        found = self.sealed
        self.asked += 1
        self.clock.now += self.seconds
        return found


def seal_in(places: Places) -> Seal:
    return Seal(cast(AsyncDatabase[dict[str, Any]], {PLACES: places}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The only one that the seal sees."""
    clock = Clock()
    monkeypatch.setattr("eventlog.seal.time", clock)
    return clock


async def test_an_answer_that_was_long_under_way_is_believed_from_when_it_was_asked_for(clock: Clock) -> None:
    places = Places(clock, APPEND_SECONDS)
    seal = seal_in(places)
    await seal.require_open()
    places.sealed = {"sealed": "a backup was restored"}
    with pytest.raises(LogSealed, match="a backup was restored"):
        await seal.require_open()


async def test_it_is_looked_up_once_a_second_at_most(clock: Clock) -> None:
    places = Places(clock, 0)
    seal = seal_in(places)
    for _ in range(2):
        for _ in range(3):
            await seal.require_open()
        clock.now += LOOK_SECONDS
    assert places.asked == 2
