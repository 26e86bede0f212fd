"""PyMongo's waiting for a server or a connection, made to survive two cancellations; imported for what it does.

`asyncio.wait_for` of Python 3.11 waits in a task of its own. Where whoever waits is cancelled twice, as a batch is that
is given up while MongoDB is away, it does not wait until that task has its lock again (python/cpython#86296, mended in
3.12): it releases a lock that it does not hold, the task takes it and never gives it back, and from then on every call
of this client waits for ever. `asyncio.timeout` waits in the same task.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pymongo.lock

T = TypeVar("T")


async def _wait_for(work: Awaitable[T], seconds: float | None) -> T:
    async with asyncio.timeout(seconds):
        return await work


pymongo.lock.wait_for = _wait_for  # type: ignore[assignment, attr-defined]  # it is not meant for others
