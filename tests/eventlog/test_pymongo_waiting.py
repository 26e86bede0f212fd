"""A call of PyMongo that is given up while it waits for a server leaves the client's lock as it found it."""

import asyncio

from pymongo.lock import _async_cond_wait, _async_create_condition, _async_create_lock

from eventlog.process import open_client  # whoever opens a client has this


async def a_few_turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_is_cancelled_twice_while_another_holds_the_lock_takes_it_from_nobody() -> None:
    assert open_client.__module__ == "eventlog.process"
    lock = _async_create_lock()
    changed = _async_create_condition(lock)

    async def wait() -> None:
        async with lock:
            await _async_cond_wait(changed, 10)

    waiting = asyncio.create_task(wait())
    await a_few_turns()
    await lock.acquire()
    for _ in range(2):
        waiting.cancel()
        await a_few_turns()
    assert not waiting.done(), "it would have let go of a lock that is ours"
    lock.release()
    await asyncio.wait([waiting], timeout=1)
    assert waiting.cancelled()
    await a_few_turns()
    assert not lock.locked(), "nobody keeps it"


async def test_a_wait_ends_with_its_time_and_with_what_it_waits_for() -> None:
    lock = _async_create_lock()
    changed = _async_create_condition(lock)
    async with lock:
        assert not await _async_cond_wait(changed, 0.01)

    async def change() -> None:
        async with lock:
            changed.notify_all()

    async with lock, asyncio.TaskGroup() as group:
        group.create_task(change())
        assert await _async_cond_wait(changed, 5)
