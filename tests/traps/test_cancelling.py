"""Does it end when it is told to? In Python 3.11 the telling can get lost, and an endless loop goes on for ever."""

import asyncio
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.lease import Lease
from eventlog.store import Document, EventStore
from tests.eventlog.conftest import ORIGIN, event
from tests.traps.naive import end
from tests.traps.ours import relay_of
from tests.traps.scene import Scene

PATIENCE = 60.0


async def ends(task: asyncio.Task[Any], seconds: float) -> bool:
    return task in (await asyncio.wait([task], timeout=seconds))[0]


async def wake_and_cancel(woken: asyncio.Event, task: asyncio.Task[Any]) -> None:
    """After one turn of the loop the waiting is over, and the one who waits not yet told."""
    woken.set()
    await asyncio.sleep(0)
    task.cancel()


async def test_wait_for_swallows_a_cancellation_that_comes_just_as_it_is_woken() -> None:
    """python/cpython#86296, mended in Python 3.12."""
    woken = asyncio.Event()

    async def endless() -> None:
        while True:
            await asyncio.wait_for(woken.wait(), PATIENCE)
            woken.clear()

    naive = asyncio.create_task(endless())
    await asyncio.sleep(0.01)
    await wake_and_cancel(woken, naive)
    assert not await ends(naive, seconds=0.3)
    await end(naive)


async def test_pymongo_swallows_a_cancellation_that_comes_while_it_sends(database: AsyncDatabase[Document]) -> None:
    """By `wait_for`, where the client has a time limit: so may every call of a loop that works with MongoDB."""

    async def endless() -> None:
        while True:
            await database["any"].find_one()
            await asyncio.sleep(PATIENCE)

    await database["any"].find_one()  # connects
    naive = asyncio.create_task(endless())
    for _ in range(2):
        await asyncio.sleep(0)
    naive.cancel()
    assert not await ends(naive, seconds=0.3)
    await end(naive)


class Waking(asyncio.Event):
    """An event that says when it is waited for, and when it was set, however soon it is cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited, self.was_set = asyncio.Event(), asyncio.Event()

    async def wait(self) -> Any:
        self.awaited.set()
        return await super().wait()

    def set(self) -> None:
        super().set()
        self.was_set.set()


@pytest.fixture
def _sweeping_often(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("relay", "turn"):
        monkeypatch.setattr(f"eventlog.{module}.SWEEP_SECONDS", 0.2)


@pytest.mark.usefixtures("_sweeping_often")
async def test_our_relay_ends_when_it_is_told_to_just_as_it_is_woken(store: EventStore, scene: Scene) -> None:
    for turns in range(6):  # of the loop, between the waking and the telling
        relay = relay_of(store, scene)
        relay._wake = wake = Waking()
        life = asyncio.create_task(relay.run())
        await wake.awaited.wait()
        while not wake.was_set.is_set():  # until its change stream is there
            await append_to(store)
        wake.was_set.clear()
        await append_to(store)
        await wake.was_set.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        life.cancel()
        assert await ends(life, seconds=5)


async def append_to(store: EventStore) -> None:
    version = await store.events.count_documents({})
    await store.append("stream", [event(1)], expected_version=version, origin=ORIGIN)


@pytest.mark.usefixtures("_sweeping_often")
async def test_our_relay_ends_even_where_the_telling_is_lost_on_the_way(store: EventStore, scene: Scene) -> None:
    """As in PyMongo: its answer and the cancellation come together."""
    answered = Waking()

    class Losing(Lease):
        async def acquire(self) -> bool:
            await asyncio.wait_for(answered.wait(), PATIENCE)
            return await super().acquire()

    life = asyncio.create_task(relay_of(store, scene, lease=Losing(store.database, scene.group)).run())
    await answered.awaited.wait()
    await wake_and_cancel(answered, life)
    assert await ends(life, seconds=5)
