"""Ops, the parked events (`ops dlq`): look at them, let them go on, or pass them over for good."""

from typing import Annotated, Any

import typer
from rich.text import Text

from eventlog.parking import Order
from ops.installation import Installation
from ops.masking import headers_shown, key_shown, reason_shown, value_shape
from ops.orders import carry_out
from ops.output import Json, Report, Yes, run, table_of
from ops.parked import Stream, dropped, parked_event, stream_headed_by, stream_of, streams
from ops.pointers import pointers
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import action_of, shown_or_recorded

app = typer.Typer(help="The parked events: list, show, redrive, drop.", no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[str, typer.Argument(help="As `ops dlq list` shows it.")]
GroupOption = Annotated[str | None, typer.Option("--group", help="Those of this consumer group alone.")]
BecauseOption = Annotated[
    str | None, typer.Option("--parked-because", help="Those for whose parking the reason holds this text alone.")
]
WaitOption = Annotated[float, typer.Option("--wait-seconds", help="How long to wait until the owner has done it.")]


@app.command("list")
def list_parked(
    context: typer.Context,
    group: GroupOption = None,
    because: BecauseOption = None,
    only_dropped: Annotated[bool, typer.Option("--dropped", help="What was dropped, instead.")] = False,
    as_json: Json = False,
) -> None:
    """The streams that are parked, each by its first event."""

    async def work(installation: Installation) -> Report:
        if only_dropped:
            return _dropped_report([event for event in await dropped(installation) if group in (None, event["group"])])
        return _list_report([stream.document() for stream in await streams(installation, group, because)])

    run(context, as_json, work)


@app.command()
def show(context: typer.Context, id: Id, as_json: Json = False) -> None:
    """One parked event: its place, reason and attributes, and the shape of its data; never what stands in it."""

    async def work(installation: Installation) -> Report:
        _, database, event = await parked_event(installation, id)
        behind = await database["parked"].count_documents(stream_of(event) | {"offset": {"$gt": event["offset"]}})
        document = _shown(event) | {"parked_behind_it": behind}
        rows = [(name, value) for name, value in document.items() if name not in ("headers", "value")]
        shown = [table_of("Parked event", ("", ""), rows)]
        if document["dropped_at"]:
            return Report(document, [*shown, Text("What stood in it is in the topic alone, at this place.")])
        shown.append(table_of("Attributes", ("header", "value"), list(document["headers"].items())))
        return Report(document, [*shown, Text(f"The shape of its data: {document['value']}")])

    run(context, as_json, work)


@app.command()
def redrive(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(help="As `ops dlq list` shows it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every parked stream, or those chosen.")] = False,
    group: GroupOption = None,
    because: BecauseOption = None,
    wait_seconds: WaitOption = 30,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Let a parked event go on, with all that is parked behind it in its stream, in order and once."""

    async def work(installation: Installation) -> Report:
        if (id is None) is not everything or (id and (group or because)):
            sentence = "Name one event, or say --all, to which --group and --parked-because may be added."
            raise Problem(Exit.USAGE, sentence)
        action = action_of(context, reason, yes=yes)
        chosen = [await stream_headed_by(installation, id)] if id else await streams(installation, group, because)
        if not chosen:
            return Report({"done": True, "outcomes": []}, [Text("Nothing of that kind is parked.")])
        steps = [f"redrive {_named(stream)} and the {stream.events - 1} parked behind it" for stream in chosen]
        return await shown_or_recorded(installation, action, steps, lambda: _do(chosen, "redrive", steps, wait_seconds))

    run(context, as_json, work)


@app.command()
def drop(
    context: typer.Context,
    id: Id,
    wait_seconds: WaitOption = 30,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Pass a parked event over FOR GOOD. Its stream goes on; the event itself never takes effect here."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        stream = await stream_headed_by(installation, id)
        lost = await _what_is_lost(installation, stream)
        steps = [f"drop {_named(stream)} for good: {lost}", f"let the {stream.events - 1} parked behind it go on"]
        return await shown_or_recorded(installation, action, steps, lambda: _do([stream], "drop", steps, wait_seconds))

    run(context, as_json, work)


async def _do(chosen: list[Stream], order: Order, steps: list[str], seconds: float) -> Report:
    report = await carry_out(chosen, order, seconds)
    return Report(report.document, [*(Text(step) for step in steps), *report.shown], report.exit)


async def _what_is_lost(installation: Installation, stream: Stream) -> str:
    for one in await pointers(installation):
        if stream.group in map(one.group, one.kept):
            return f"{one.name} will not show it; the event itself stays in the log and in Kafka"
    return f"the effect that {stream.group} has on this event never happens, and no rebuild brings it back"


def _named(stream: Stream) -> str:
    return f"{stream.id} ({reason_shown(stream.head['reason'])})"


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": event["_id"],
        "group": event["group"],
        "place": f"{event['topic']}/{event['partition']}@{event['offset']}",
        "stream": key_shown(event["key"]),
        "reason": reason_shown(event["reason"]),
        "waits_for_newer_code": event["waits"],
        "parked_at": event["parked_at"],
        "dropped_at": event.get("dropped_at"),
        "order": event.get("order"),
        "headers": headers_shown(event["headers"]),
        "value": value_shape(event["value"]),
    }


def _list_report(parked: list[dict[str, Any]]) -> Report:
    if not parked:
        return Report({"parked": []}, [Text("Nothing is parked.")])
    names = ("id", "stream", "reason", "events", "parked_at", "order")
    headings = ("first event", "stream", "reason", "events", "since", "ordered")
    rows = [[stream[name] for name in names] for stream in parked]
    return Report({"parked": parked}, [table_of("Parked streams", headings, rows)])


def _dropped_report(events: list[dict[str, Any]]) -> Report:
    shown = [_shown(event) for event in events]
    rows = [(event["id"], event["stream"], event["reason"], event["dropped_at"]) for event in shown]
    table = table_of("Dropped events", ("event", "stream", "reason", "dropped at"), rows)
    return Report({"dropped": shown}, [table if rows else Text("Nothing was dropped.")])
