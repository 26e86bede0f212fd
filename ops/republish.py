"""Ops, republish (`ops log republish`): Kafka lost events of topics, which were made anew: fill them from the logs.

Nothing is doubled by that: views and reactors know which versions they have. But whatever remembers a place in an old
topic has to forget it, and no group begins in the middle: so all groups of the services that read one begin again, and
these, and those that write one, are stopped meanwhile. Called again after an interruption it goes on.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pymongo import timeout
from rich.text import Text

from eventlog.seal import PLACES
from eventlog.settling import REIMPORTED
from medonline_contracts.topics import Topic
from ops.installation import Installation
from ops.kafka import Kafka
from ops.output import Json, Report, Yes, run
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import action_of, shown_or_recorded
from ops.reimport import require_stopped
from ops.rewriting import before_rewriting
from ops.survey import events_topic

PAGE = "docs/operations/kafka-lost.md"


def republish(
    context: typer.Context,
    topics: Annotated[list[str], typer.Argument(help="All topics that were made anew, and no other.")],
    patience: Annotated[float, typer.Option("--patience", help="Seconds to wait until the services have ended.")] = 15,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Fill topics that Kafka lost events of, and that were made anew, from the logs; their services are stopped."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        anew = _declared(installation, topics)
        logs = [topic.producer for topic in anew if topic == events_topic(installation, topic.producer)]
        first = await before_rewriting(installation, logs, now=action is not None)
        async with installation.kafka() as kafka:
            await _require_empty(kafka, anew)
        steps = first + await _steps(installation, anew, logs)
        return await shown_or_recorded(installation, action, steps, lambda: _do(installation, anew, logs, patience))

    run(context, as_json, work)


def _readers(installation: Installation, anew: Sequence[Topic]) -> list[str]:
    return [service for service in installation.databases if any(service in topic.consumers for topic in anew)]


def _concerned(installation: Installation, anew: Sequence[Topic]) -> list[str]:
    """Who writes or reads one of the topics; nobody else remembers a place in them."""
    concerned = {*_readers(installation, anew), *(topic.producer for topic in anew)}
    return [service for service in installation.databases if service in concerned]


def _declared(installation: Installation, names: Sequence[str]) -> list[Topic]:
    """The topics of these names. Raises Problem where the contracts know none of that name."""
    by_name = {topic.name: topic for topic in installation.topics}
    for name in names:
        if name not in by_name:
            raise Problem(Exit.USAGE, f"No topic is called {name}: there are {', '.join(by_name)}.")
    return [by_name[name] for name in dict.fromkeys(names)]


async def _require_empty(kafka: Kafka, anew: Sequence[Topic]) -> None:
    """Raises Problem for a topic that was not made anew: it would get all of its events a second time."""
    there = await kafka.partitions(topic.name for topic in anew)
    written = {place.topic for place, at in (await kafka.extents(await kafka.places(there))).items() if at.end}
    for topic in anew:
        if topic.name not in there:
            raise Problem(Exit.REFUSED, f"There is no topic {topic.name}: create it first, as {PAGE} says.")
        if topic.name in written:
            sentence = f"{topic.name} is not empty: it would get all its events a second time. Nothing was changed."
            raise Problem(Exit.REFUSED, f"{sentence} Name only what was deleted and created anew, as {PAGE} says.")


async def _steps(installation: Installation, anew: Sequence[Topic], logs: Sequence[str]) -> list[str]:
    names, readers = ", ".join(topic.name for topic in anew), ", ".join(_readers(installation, anew))
    steps = [
        f"wait until nobody works for {', '.join(_concerned(installation, anew))}",
        *([f"let all that reads for {readers} begin again at the beginning of its topics"] if readers else []),
        f"forget what is parked of {names}, and how far a compacted one of these was said",
    ]
    for service in logs:
        kept = await installation.databases[service]["events"].estimated_document_count()
        topic = events_topic(installation, service).name
        place = await installation.databases[service][PLACES].find_one({"_id": topic}) or {}
        if "sealed" in place:
            streams = await installation.databases[service][REIMPORTED].estimated_document_count()
            steps.append(
                f"leave the log of {service} sealed ({place['sealed']}); once it has started it settles {streams} "
                "reimported streams and ends what a backup may have brought back, and then opens its log"
            )
        steps.append(f"let {service} publish all {kept} events of its log to {topic}, once it has started")
    return steps


async def _do(installation: Installation, anew: Sequence[Topic], logs: Sequence[str], patience: float) -> Report:
    found = {s: await require_stopped(installation, s, patience) for s in _concerned(installation, anew)}
    groups = [group for service in _readers(installation, anew) for group in found[service]]
    names = [topic.name for topic in anew]
    async with installation.kafka() as kafka:
        await _require_empty(kafka, anew)  # again: until all had stopped, one of them could write
        for group in groups:
            await kafka.delete_group(group)
    for database in installation.databases.values():
        await database["parked"].delete_many({"topic": {"$in": names}})
        await database["state_places"].delete_many({"_id": {"$in": names}})
    waiting = {service: await _have_to_publish(installation, service) for service in logs}
    for service in logs:  # the places go last: while one stands the relay refuses, and publishes no half of its log
        await _forget_place(installation, service)
    document: dict[str, Any] = {"done": True, "topics": names, "groups": groups, "to_publish": waiting}
    told = [f"{service} has {count} events to publish." for service, count in waiting.items()]
    return Report(document, [*map(Text, told), Text("Start the services; `ops outbox` and `ops lag` go to 0 then.")])


async def _have_to_publish(installation: Installation, service: str) -> int:
    """Mark the whole log, as often as this is called: so many events its service has to publish."""
    events = installation.databases[service]["events"]
    with timeout(0):  # of a log that has grown it takes as long as it takes
        await events.update_many({"published": True}, {"$set": {"published": False}})
        return await events.count_documents({"published": False})


async def _forget_place(installation: Installation, service: str) -> None:
    """How far the topic was written; a seal beside it stays: who opens it settles first, and that is the service."""
    name = {"_id": events_topic(installation, service).name}
    await installation.databases[service][PLACES].update_one(name, {"$unset": {"next": ""}})
