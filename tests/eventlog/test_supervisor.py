"""The supervisor's own account: who lives again and again, who does not get on, whom nobody looks after."""

import asyncio
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from eventlog import supervisor
from eventlog.supervisor import FORGOTTEN_SECONDS, NEVER, Looks, supervise


class Brief:
    """A part whose lives are short."""

    def __init__(self, name: str, seconds: float = 0.05) -> None:
        self.name = name
        self.last_turn = NEVER
        self.seconds = seconds
        self.lives = 0

    async def run(self) -> None:
        self.lives += 1
        await asyncio.sleep(self.seconds)


class Broken(Brief):
    """A part that cannot even be looked at."""

    @property
    def last_turn(self) -> float:
        raise AttributeError("not made yet")

    @last_turn.setter
    def last_turn(self, _: float) -> None:
        """As every part's."""


class Clock:
    """The supervisor's, which stands still until it is told otherwise, however busy the machine is."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It looks often, and by this clock."""
    for name in ("PAUSE_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(supervisor, name, 0.05)
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


def shown(measure: str, part: str) -> float | None:
    return REGISTRY.get_sample_value(measure, {"part": part})


async def test_lives_after_the_first_are_counted() -> None:
    part = Brief("brief")
    async with asyncio.timeout(5):
        supervising = asyncio.create_task(supervise(part, Looks()))
        while part.lives < 4:
            await asyncio.sleep(0.01)
    assert shown("part_restarts_total", "brief") == 3
    await ended(supervising)


async def test_it_is_told_since_when_a_part_has_not_got_on_and_nothing_once_it_is_given_up(clock: Clock) -> None:
    part = Brief("hanging", seconds=60)
    supervising = asyncio.create_task(supervise(part, Looks()))
    await until(lambda: shown("part_turn_age_seconds", "hanging") == 0)
    clock.now += 10
    await until(lambda: shown("part_turn_age_seconds", "hanging") == 10)
    part.last_turn = clock.now
    clock.now += 1
    await until(lambda: shown("part_turn_age_seconds", "hanging") == 1)
    await ended(supervising)
    assert shown("part_turn_age_seconds", "hanging") is None


async def test_a_part_that_hangs_is_looked_after_and_one_whose_supervision_broke_off_is_not(clock: Clock) -> None:
    looks = Looks()
    hanging = asyncio.create_task(supervise(Brief("hanging", seconds=60), looks))
    broken = asyncio.create_task(supervise(Broken("broken"), looks))
    await asyncio.wait([broken])
    assert isinstance(broken.exception(), AttributeError)
    clock.now += FORGOTTEN_SECONDS + 1
    await until(lambda: looks.stuck() == ["broken"])
    await ended(hanging)
    assert looks.stuck() == ["broken"]


async def test_a_process_that_does_not_get_round_to_anything_is_stuck(clock: Clock) -> None:
    looks = Looks()
    supervising = asyncio.create_task(supervise(Brief("starved", seconds=60), looks))
    await until(lambda: shown("part_turn_age_seconds", "starved") == 0)
    assert looks.stuck() == []
    clock.now += FORGOTTEN_SECONDS + 1
    assert looks.stuck() == ["starved"]
    await until(lambda: looks.stuck() == [])
    await ended(supervising)
    clock.now += FORGOTTEN_SECONDS + 1
    assert looks.stuck() == [], "who was told to end needs no looking after"


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not seen():
            await asyncio.sleep(0.01)


async def ended(supervising: asyncio.Task[None]) -> None:
    supervising.cancel()
    await asyncio.wait([supervising])
