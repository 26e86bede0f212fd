"""Measuring: asks every ten seconds how far behind the work is, for `/metrics`.

It stands beside the work: what cannot be asked is not shown and said in the log, and nothing else comes of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import Gauge

from eventlog.measures import Measured, Table
from eventlog.process import cancelled
from eventlog.supervisor import NEVER

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10.0
ANSWER_SECONDS = 8.0
GOODBYE_SECONDS = 5.0


async def _nothing() -> None:
    """What most sources have to do at the end."""


@dataclass(frozen=True, slots=True)
class Source:
    """What these gauges are to show, as `measure` says; `close` is called at the end."""

    name: str
    gauges: Sequence[Gauge]
    measure: Callable[[], Awaitable[Measured]]
    close: Callable[[], Awaitable[None]] = _nothing


class Measuring:
    """A part of the process."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.name = "measuring"
        self.last_turn = NEVER
        self._sources = list(sources)
        self._asking: set[asyncio.Task[None]] = set()
        self._tables = {gauge: Table(gauge) for source in self._sources for gauge in source.gauges}

    async def run(self) -> None:
        """One life: until it is cancelled."""
        try:
            while not cancelled():
                await self.measure()
                self.last_turn = time.monotonic()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            await self._end()

    async def measure(self) -> None:
        """Ask all sources, side by side. Drivers leave connections open that are broken off half-way: none is."""
        self._asking = {asyncio.create_task(self._measure(source)) for source in self._sources}
        await asyncio.shield(asyncio.gather(*self._asking))

    async def _end(self) -> None:
        if self._asking:
            await asyncio.wait(self._asking, timeout=GOODBYE_SECONDS)
        for source in self._sources:
            self._show(source, {})
        await asyncio.gather(*(source.close() for source in self._sources), return_exceptions=True)

    async def _measure(self, source: Source) -> None:
        found: Measured = {}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await source.measure()
        except Exception as error:
            log.warning("not_measured", what=source.name, error=type(error).__name__)
        self._show(source, found)

    def _show(self, source: Source, found: Measured) -> None:
        for gauge in source.gauges:
            self._tables[gauge].show(found.get(gauge, {}))
