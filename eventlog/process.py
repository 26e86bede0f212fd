"""The process: what a service with a log runs beside its HTTP door, started and stopped with it."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from pymongo import AsyncMongoClient, timeout
from pymongo.errors import ConnectionFailure, PyMongoError

import eventlog.pymongo_waiting  # noqa: F401
from eventlog.store import Document

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
SHUTDOWN_SECONDS = 10.0


def collect_garbage_rarely() -> None:
    """Called once a process has loaded its code: a projector folds up to twice as much then (`bench/projection.py`).

    A batch is thousands of small objects that live for a moment. By default Python goes looking for cycles among them
    every seven hundred, and every so often among all there are; what has no cycles is freed without that.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def open_client(uri: str) -> AsyncMongoClient[Document]:
    """A client whose times are UTC, whose writes reach a majority, and whose calls end within five seconds."""
    return AsyncMongoClient(uri, tz_aware=True, w="majority", serverSelectionTimeoutMS=3_000, timeoutMS=5_000)


@asynccontextmanager
async def background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the work beside the body; on leaving, cancel it and wait until it has ended, ten seconds at most.

    Work that ends by itself has failed: without it the process is of no use, so it is ended, to be started again.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    for task in tasks:
        task.add_done_callback(_end_process_unless_cancelled)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if (await asyncio.wait(tasks, timeout=SHUTDOWN_SECONDS))[1]:
            log.critical("background_work_does_not_end")


def _end_process_unless_cancelled(task: asyncio.Task[None]) -> None:
    if not (task.cancelled() or task.cancelling()):
        log.critical("background_work_ended", error=type(task.exception()).__name__)
        os.kill(os.getpid(), signal.SIGTERM)


def cancelled() -> bool:
    """Whether this task has been told to end. An endless loop asks, because the telling can get lost:

    `asyncio.wait_for` of Python 3.11, which PyMongo calls too, swallows a cancellation that arrives together with what
    it waits for (python/cpython#86296).
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def is_away(error: Exception) -> bool:
    """Whether MongoDB did not answer, or not in time."""
    return isinstance(error, PyMongoError) and (isinstance(error, ConnectionFailure) or error.timeout)


def end_if_cancelled() -> None:
    """Raise the cancellation that got lost: for a loop that must not go on with what is no longer its own."""
    if cancelled():
        raise asyncio.CancelledError


async def once_available(prepare: Callable[[], Awaitable[None]]) -> None:
    """Call `prepare` when MongoDB answers, waiting for it as long as it takes."""
    while True:
        try:
            with timeout(0):  # an index on a collection that has grown takes as long as it takes
                return await prepare()
        except PyMongoError as error:
            if not is_away(error):
                raise
            log.warning("mongodb_unreachable", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def wait_until(condition: Callable[[], Awaitable[bool]], seconds: float = 2.0) -> bool:
    """Ask again until the condition holds or the time is over: how a read waits for its own write.

    At first every 25 ms; what takes longer than usual, or never comes, is asked for less often.
    """
    now = asyncio.get_running_loop().time
    begun = now()
    while not await condition():
        if (waited := now() - begun) >= seconds:
            return False
        await asyncio.sleep(0.025 if waited < 0.25 else 0.1)
    return True
