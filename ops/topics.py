"""Ops, the topics (`ops topics check`): what the contracts declare, and what the broker has instead."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from medonline_contracts.topics import Topic
from ops.acls import acls
from ops.differences import (
    Difference,
    acl_differences,
    missing_topic,
    partition_differences,
    setting_differences,
    unknown_topics,
)
from ops.installation import Installation
from ops.kafka import Kafka
from ops.output import Json, Report, run, table_of
from ops.problem import Exit

app = typer.Typer(help="The topics: check.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def topics() -> None:
    """The topics: check."""


@app.command()
def check(
    context: typer.Context,
    replicas: Annotated[
        int | None,
        typer.Option(min=1, help="On so many brokers each partition ought to be, if not OPS_TOPIC_REPLICAS."),
    ] = None,
    min_in_sync: Annotated[
        int | None, typer.Option(min=1, help="What min.insync.replicas ought to be, if not OPS_TOPIC_MIN_IN_SYNC.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Partitions, settings and rights as declared, against those that are; each difference with how to mend it."""

    async def work(installation: Installation) -> Report:
        async with installation.kafka() as kafka:
            brokers, in_sync = replicas or installation.topic_replicas, min_in_sync or installation.topic_min_in_sync
            found = await topic_differences(kafka, installation.topics, brokers, in_sync)
            rights = await acls(kafka.admin)
        if rights is not None:
            found += acl_differences(rights, installation.topics)
        return _report(found, has_rights=rights is not None)

    run(context, as_json, work)


async def topic_differences(
    kafka: Kafka, declared: Sequence[Topic], replicas: int | None, min_in_sync: int | None
) -> list[Difference]:
    """All that is otherwise with the topics. Raises KafkaError."""
    there = await kafka.described([topic.name for topic in declared])
    found: list[Difference] = []
    for topic in declared:
        if topic.name not in there:
            found.append(missing_topic(topic))
            continue
        found += partition_differences(topic, there[topic.name], replicas)
        found += setting_differences(topic, await kafka.settings(topic.name), min_in_sync)
    return [*found, *unknown_topics(declared, await kafka.topic_names())]


def _report(found: Sequence[Difference], *, has_rights: bool) -> Report:
    document = {"as_declared": not found, "authorizer": has_rights, "differences": [asdict(one) for one in found]}
    rights = [] if has_rights else [Text("This broker has no authorizer: it lets everybody do everything.")]
    if not found:
        return Report(document, [Text("Everything is as declared."), *rights])
    rows = [(one.subject, one.sentence, one.mend) for one in found]
    table = table_of("Otherwise than declared", ("where", "what", "to mend it"), rows)
    return Report(document, [table, *rights], Exit.WRONG)
