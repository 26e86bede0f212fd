"""Ops, the logs (`ops log`): a log is older than its topic, since a backup was restored: bring it back.

What is for the other way round, a topic that lost events of its log, is in `ops/republish.py`.
"""

from typing import Annotated, Any

import typer
from rich.text import Text

from eventlog.tail import NO_BACKUP
from ops.credentials import Held, end_passwords, let_go, outdated
from ops.installation import Installation
from ops.masking import stream_shown
from ops.output import Json, Report, Yes, run, table_of
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import action_of, shown_or_recorded
from ops.reimport import begin_anew, bring_back, require_stopped, seal, set_aside
from ops.republish import republish
from ops.rewriting import before_rewriting
from ops.survey import Survey, survey

app = typer.Typer(help="The services' logs: reimport, republish.", no_args_is_help=True, rich_markup_mode=None)
app.command()(republish)

SHOWN = 20
UNCHANGED = "Nothing was changed"
SEALED = "The log is sealed and nothing else was changed: leave the service stopped"


@app.command()
def reimport(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Whose database was restored from a backup.")],
    also_set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Take out of the log what was appended since, where that is in the way.")
    ] = False,
    patience: Annotated[float, typer.Option("--patience", help="Seconds to wait until the service has ended.")] = 15,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Bring back into a log what its topic has of it: for each service whose database was restored; it is stopped."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        first = await before_rewriting(installation, [service], now=action is not None)
        found = await survey(installation, service)
        if refusal := _refusal(found, also_set_aside):
            return refusal
        old = await outdated(installation.databases[service])
        return await shown_or_recorded(
            installation,
            action,
            first + _steps(found, old),
            lambda: _reimport(installation, service, patience, also_set_aside),
        )

    run(context, as_json, work)


async def _reimport(installation: Installation, service: str, patience: float, also_set_aside: bool) -> Report:
    database = installation.databases[service]
    groups = await require_stopped(installation, service, patience)
    await seal(installation, service)  # before all else: from here on an old password opens nothing
    found = await survey(installation, service)  # again: what was appended until the log was sealed counts too
    if refusal := _refusal(found, also_set_aside, SEALED):
        return refusal
    aside = await set_aside(installation, service, found)
    await end_passwords(database, found.passwords)  # an interruption must not leave one that holds
    await bring_back(installation, service, found)
    ended = await outdated(database)
    await let_go(database, ended)
    await begin_anew(installation, service, groups)
    return _done(service, found, ended, aside, groups)


def _steps(found: Survey, old: list[Held]) -> list[str]:
    service, topic = found.topic.producer, found.topic.name
    ended = {account_id for account_id, _ in old} | found.passwords
    steps = [
        f"seal the log of {service} until it has started again",
        f"bring {found.missing} events of {len(found.lacking)} streams back into it from {topic}, as they were"
        f"{_told_of(found)}",
    ]
    if found.conflicts:
        steps.insert(1, f"set {len(found.conflicts)} events aside that were appended since and never published")
    if ended:
        steps.append(f"let {len(ended)} passwords no longer hold, or find them gone, that are older than the log")
    return [*steps, f"let all that reads for {service} begin again at the beginning of its topics"]


def _told_of(found: Survey) -> str:
    """What is missing by type, and when it was written: by that one sees whether it is of after the backup."""
    if not found.span:
        return ""
    counted = ", ".join(f"{count} {type_name}" for type_name, count in sorted(found.types.items()))
    first, last = (f"{time:%Y-%m-%d %H:%M:%S}Z" for time in found.span)
    return f": {counted}; written to Kafka between {first} and {last}. {NO_BACKUP}"


def _foreign(found: Survey, stands: str) -> Problem:
    shown = ", ".join(found.foreign[:SHOWN])
    return Problem(
        Exit.REFUSED,
        f"{len(found.foreign)} events in {found.topic.name} cannot be of {found.topic.producer}, by source or type: "
        f"{shown}. Somebody else writes to this topic. {stands}; docs/operations/doctor.md#ops-topic-ahead says what "
        "to do.",
    )


def _done(service: str, found: Survey, ended: list[Held], aside: int, groups: list[str]) -> Report:
    without = sorted({account_id for account_id, _ in ended} | found.passwords)
    document: dict[str, Any] = {
        "done": True,
        "service": service,
        "records": found.records,
        "reimported": found.missing,
        "streams": len(found.lacking),
        "types": found.types,
        "set_aside": aside,
        "without_password": [stream_shown(account_id) for account_id in without],
        "groups": groups,
    }
    told = f"{found.records} records read, {found.missing} brought back into {len(found.lacking)} streams."
    shown = [
        Text(told),
        Text(f"Start {service}: it makes right what it keeps beside its log, and only then takes new events."),
    ]
    if without:
        shown.append(Text(f"{len(without)} accounts set a new password after Gosuslugi: {', '.join(without[:SHOWN])}"))
    return Report(document, shown)


def _refusal(found: Survey, also_set_aside: bool, stands: str = UNCHANGED) -> Report | None:
    if found.foreign:
        raise _foreign(found, stands)
    return _refused(found, stands) if (found.conflicts and not also_set_aside) or found.holes else None


def _refused(found: Survey, stands: str) -> Report:
    holes = [{"stream": stream_shown(stream_id), "version": version} for stream_id, version in found.holes.items()]
    conflicts = [
        {"stream": stream_shown(e.stream_id), "version": e.version, "place": e.place, "id": e.id}
        for e in found.conflicts
    ]
    sentence = (
        f"{len(conflicts)} events of {found.topic.name} have the stream and version of another event, and "
        f"{len(holes)} streams lack a version altogether. {stands}; "
        "docs/operations/restore.md#where-it-stops says what to do."
    )
    document = {"error": {"kind": "refused", "sentence": sentence}, "conflicts": conflicts, "holes": holes}
    rows = [(c["stream"], c["version"], c["place"]) for c in conflicts[:SHOWN]]
    rows += [(h["stream"], h["version"], "nowhere") for h in holes[:SHOWN]]
    return Report(
        document, [Text(sentence), table_of("In the way", ("stream", "version", "in the topic at"), rows)], Exit.REFUSED
    )
