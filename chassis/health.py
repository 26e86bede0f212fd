"""Health: what the three probes of a process are told.

`/health/started`: what it needs is made, and it may be judged. `/health/ready`: what it needs answers, and it is not
about to end. `/health/live`: it gets round to its work. What is away makes a process unready, never dead: to start it
again would not bring that back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

Check = Callable[[], Awaitable[bool]]
CHECK_SECONDS = 2.0


class Watched(Protocol):
    """What probes ask of a process."""

    @property
    def prepared(self) -> asyncio.Event:
        """Set once everything that it needs in its database is there."""

    def checks(self) -> Mapping[str, Check]:
        """By name, what has to hold for it to be ready."""

    def is_alive(self) -> bool:
        """Whether what it does in the background is looked after; not whether that gets on."""


@dataclass(frozen=True, slots=True)
class Stateless:
    """A process that only answers requests, and needs for it what `needs` checks; nothing runs in its background."""

    needs: Mapping[str, Check]
    prepared: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.prepared.set()

    def checks(self) -> Mapping[str, Check]:
        """What it needs to answer."""
        return self.needs

    def is_alive(self) -> bool:
        """As long as it says so."""
        return True


def add_health(app: FastAPI, watched: Watched) -> None:
    """Let the application answer probes; `/health/ready` names what is missing, `app.state.draining` makes it 503."""
    app.state.watched = watched
    app.state.draining = False
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> JSONResponse:
        return _said({"alive": watched.is_alive()})

    @router.get("/health/started")
    async def started() -> JSONResponse:
        return _said({"prepared": watched.prepared.is_set()})

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        checks = watched.checks()
        results = await asyncio.gather(*map(_passes, checks.values()))
        own = {"prepared": watched.prepared.is_set(), "stays": not app.state.draining}
        return _said({**own, **dict(zip(checks, results, strict=True))})

    app.include_router(router)


def _said(results: Mapping[str, bool]) -> JSONResponse:
    return JSONResponse(dict(results), 200 if all(results.values()) else 503)


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception:
        return False
