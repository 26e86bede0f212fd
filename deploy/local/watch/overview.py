"""Operators' page, overview: how everything stands, asked as `ops` asks, and only while somebody looks."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pymongo.errors import PyMongoError

from ops.doctor import examine
from ops.findings import Bounds, Code, Finding
from ops.installation import Installation
from ops.kafka import Group
from ops.lag import Lag, groups_of, lags_of
from ops.masking import reason_shown
from ops.outbox import Outbox, outbox_of
from ops.parked import Stream, streams
from ops.problem import Problem

EVERY_SECONDS = 5.0

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Health:
    """A service or a server; `trouble` is a sentence where it cannot work."""

    name: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class GroupLag:
    """A consumer group on all partitions that it reads."""

    name: str
    behind: int
    members: int
    lost: bool


@dataclass(frozen=True, slots=True)
class ParkedReason:
    """The streams that one group parked for one reason, masked."""

    group: str
    reason: str
    streams: int
    events: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment; null is what could not be found out."""

    at: datetime
    health: list[Health] | None
    findings: list[Finding] | None
    outboxes: list[Outbox] | None
    groups: list[GroupLag] | None
    parked: list[ParkedReason] | None


class Lookout:
    """Looks when it is asked to, but not more often than every five seconds, however many ask."""

    def __init__(self, look: Callable[[], Awaitable[Overview]]) -> None:
        self._look = look
        self._looking = asyncio.Lock()
        self._seen: Overview | None = None
        self._looked_at = 0.0

    async def overview(self) -> Overview:
        """How everything stands, or stood a moment ago."""
        async with self._looking:
            if self._seen is None or time.monotonic() - self._looked_at >= EVERY_SECONDS:
                self._seen = await self._look()
                self._looked_at = time.monotonic()
            return self._seen


async def look(installation: Installation) -> Overview:
    """Ask everything. Raises nothing: what does not answer is not known."""
    now = datetime.now(UTC)
    findings, outboxes, groups, parked = await asyncio.gather(
        _unless_silent(examine(installation, Bounds())),
        _unless_silent(asyncio.gather(*(outbox_of(*one) for one in installation.databases.items()))),
        _unless_silent(_groups(installation)),
        _unless_silent(streams(installation)),
    )
    health = None if findings is None else health_of(installation.urls, findings)
    return Overview(now, health, findings, outboxes, groups, None if parked is None else reasons_of(parked, now))


def health_of(services: Iterable[str], findings: Iterable[Finding]) -> list[Health]:
    """What the doctor found out about the servers and the services."""
    trouble = {f.subject: f.sentence for f in findings if f.means_unreachable or f.code is Code.SERVICE_NOT_READY}
    return [Health(name, trouble.get(name)) for name in ("mongodb", "kafka", *services)]


def reasons_of(parked: Iterable[Stream], now: datetime) -> list[ParkedReason]:
    """What is parked, by group and reason, the oldest first."""
    alike: dict[tuple[str, str], list[Stream]] = defaultdict(list)
    for stream in parked:
        alike[stream.group, reason_shown(stream.head["reason"])].append(stream)
    return sorted(
        (
            ParkedReason(
                group=group,
                reason=reason,
                streams=len(of_reason),
                events=sum(stream.events for stream in of_reason),
                oldest_seconds=max((now - stream.head["parked_at"]).total_seconds() for stream in of_reason),
            )
            for (group, reason), of_reason in alike.items()
        ),
        key=lambda one: -one.oldest_seconds,
    )


async def _groups(installation: Installation) -> list[GroupLag]:
    async with installation.kafka() as kafka:
        groups = await groups_of(kafka, await kafka.group_names())
        return lag_by_group(groups, await lags_of(kafka, groups))


def lag_by_group(groups: Iterable[Group], lags: Iterable[Lag]) -> list[GroupLag]:
    """Each group with the sum of its partitions."""
    of_group: dict[str, list[Lag]] = defaultdict(list)
    for lag in lags:
        of_group[lag.group].append(lag)
    return [
        GroupLag(group.name, sum(lag.lag for lag in mine), len(group.members), any(lag.lost for lag in mine))
        for group in groups
        for mine in [of_group[group.name]]
    ]


async def _unless_silent(asked: Awaitable[Known]) -> Known | None:
    try:
        return await asked
    except (PyMongoError, Problem):
        return None
