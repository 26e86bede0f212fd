"""Ops, the record as it is read (`ops record list`): who did what, when and why, and what came of it."""

from typing import Annotated, Any

import typer
from pymongo import DESCENDING
from rich.text import Text

from eventlog.store import Document
from ops.installation import Installation
from ops.output import Json, Report, run, table_of
from ops.record import OUTCOMES, RECORDS

app = typer.Typer(help="What operators did, and why: list.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def record() -> None:
    """What operators did, and why: list."""


@app.command("list")
def list_records(
    context: typer.Context,
    last: Annotated[int, typer.Option(min=1, help="So many, the newest first.")] = 50,
    command: Annotated[str | None, typer.Option(help="Of this command alone, such as 'dlq drop'.")] = None,
    as_json: Json = False,
) -> None:
    """The newest records, each with what came of it; none: it was killed, or MongoDB was away by then."""

    async def work(installation: Installation) -> Report:
        return _report(await records_of(installation, last, command))

    run(context, as_json, work)


async def records_of(installation: Installation, last: int, command: str | None = None) -> list[dict[str, Any]]:
    """The newest records, the newest first. Raises PyMongoError."""
    chosen = {"command": command} if command else {}
    records = await installation.records[RECORDS].find(chosen).sort("_id", DESCENDING).limit(last).to_list()
    theirs = {"_id": {"$in": [record["_id"] for record in records]}}
    outcomes = {outcome["_id"]: outcome async for outcome in installation.records[OUTCOMES].find(theirs)}
    return [_document(record, outcomes.get(record["_id"])) for record in records]


def _document(record: Document, outcome: Document | None) -> dict[str, Any]:
    came_of_it = {name: outcome[name] for name in ("at", "exit", "sentence")} if outcome else None
    return {"id": record["_id"], **{n: v for n, v in record.items() if n != "_id"}, "outcome": came_of_it}


def _report(records: list[dict[str, Any]]) -> Report:
    if not records:
        return Report({"records": []}, [Text("Nothing is recorded.")])
    rows = [
        (record["at"], _who(record), f"{record['command']} {_arguments(record)}", record["reason"], _came_of_it(record))
        for record in records
    ]
    return Report({"records": records}, [table_of("Records", ("at", "who", "did", "why", "came of it"), rows)])


def _who(record: dict[str, Any]) -> str:
    user = f"{record['user']} at {record['host']}"
    return f"{record['operator']} ({user})" if record["operator"] else user


def _arguments(record: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in record["arguments"].items())


def _came_of_it(record: dict[str, Any]) -> str:
    outcome = record["outcome"]
    if outcome is None:
        return "not known"
    return f"{outcome['exit']}: {outcome['sentence']}" if outcome["sentence"] else str(outcome["exit"])
