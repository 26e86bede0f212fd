"""The open loop: work that comes at a rate of its own, whether or not what came before is done."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any


async def open_loop(send: Callable[[int], Coroutine[Any, Any, None]], per_second: int, seconds: float) -> None:
    """Call `send` with 0, 1, 2 … at this rate; a slow one does not delay the next. Returns when all are done."""
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * per_second)):
            await asyncio.sleep(begun + number / per_second - time.perf_counter())
            group.create_task(send(number))
