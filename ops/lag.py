"""Ops, lag: how far each consumer group is behind its topics, partition by partition."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from aiokafka import TopicPartition
from rich.text import Text

from ops.installation import Installation
from ops.kafka import Extent, Group, Kafka
from ops.output import Json, Report, run, table_of
from ops.problem import Exit, Problem


@dataclass(frozen=True, slots=True)
class Lag:
    """One group on one partition; `committed` is the next offset that it reads, None before its first commit."""

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int
    member: str | None
    lost: bool

    @classmethod
    def of(cls, group: Group, place: TopicPartition, extent: Extent) -> "Lag":
        """`lost`: the partition does not hold, or never held, what the group has to read next."""
        at = group.committed.get(place)
        owner = group.owner(place)
        return cls(
            group=group.name,
            topic=place.topic,
            partition=place.partition,
            committed=at,
            end=extent.end,
            lag=max(0, extent.end - max(extent.first, at or 0)),
            member=f"{owner.id} at {owner.host}" if owner else None,
            lost=not extent.first <= (at or 0) <= extent.end,
        )


async def lags_of(kafka: Kafka, groups: Iterable[Group]) -> list[Lag]:
    """Of each of the groups on each partition of the topics that it reads."""
    return [lag for group in groups for lag in await _lags(kafka, group)]


async def groups_of(kafka: Kafka, names: Iterable[str]) -> list[Group]:
    """The groups of these names, asked for side by side."""
    return list(await asyncio.gather(*(kafka.group(name) for name in names)))


def lag(
    context: typer.Context,
    group: Annotated[str | None, typer.Option(help="This group alone.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Subscribers that are not of this house too.")] = False,
    as_json: Json = False,
) -> None:
    """How far each consumer group is behind."""

    async def work(installation: Installation) -> Report:
        async with installation.kafka() as kafka:
            names = [group] if group else await kafka.group_names()
            chosen = names if group or everyone else installation.ours(names)
            lags = await lags_of(kafka, await groups_of(kafka, chosen))
        if group and not lags:
            raise Problem(Exit.REFUSED, f"No group {group} has read anything; without --group all are shown.")
        return _report(lags)

    run(context, as_json, work)


async def _lags(kafka: Kafka, group: Group) -> list[Lag]:
    extents = await kafka.extents(await kafka.places(group.topics()))
    return [Lag.of(group, place, extents[place]) for place in sorted(extents)]


def _report(lags: list[Lag]) -> Report:
    document = {"lags": [asdict(one) for one in lags], "total": sum(one.lag for one in lags)}
    if not lags:
        return Report(document, [Text("No group has read anything yet.")])
    rows = [
        (one.group, f"{one.topic}/{one.partition}", one.committed, one.end, "lost" if one.lost else one.lag, one.member)
        for one in lags
    ]
    headings = ("group", "partition", "committed", "end", "behind by", "member")
    return Report(document, [table_of("Consumer groups", headings, rows), Text(f"Behind in all: {document['total']}")])
