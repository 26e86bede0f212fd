"""Ops, the record: who did what, when and why. It is kept before anything is done, and what came of it afterwards.

Two collections of the operators' own database, both only ever added to: `records`, and `outcomes` under the same ids.
Where MongoDB is away, the record is printed on standard error instead, and the work goes on: it may be the cure. Where
it answers, or was never asked because a setting is wrong, there is no work without a record.
"""

import asyncio
import os
import pwd
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import typer
from pymongo.errors import OperationFailure, PyMongoError
from rich.text import Text
from uuid_utils import uuid7

from eventlog.store import Document
from ops.installation import Installation
from ops.masking import MASK
from ops.output import Report, json_of, would
from ops.problem import UNAUTHORIZED, Exit, Problem, is_away, of_mongodb
from ops.reason import looks_personal, require_reason

RECORDS, OUTCOMES = "records", "outcomes"
_NOT_RECORDED = ("as_json", "yes", "reason")


@dataclass(frozen=True, slots=True)
class Action:
    """A command that changes something, or looks at a person, with its arguments and the reason for it."""

    command: str
    arguments: dict[str, Any]
    reason: str


def action_of(context: typer.Context, reason: str | None, *, yes: bool) -> Action | None:
    """What this call is about to do; None where it is only to show that.

    Raises Problem where no reason is given, or one that names a person.
    """
    return asked_for(context, reason) if yes else None


def asked_for(context: typer.Context, reason: str | None) -> Action:
    """What this call does, whatever else it says. Raises Problem as `action_of` does."""
    arguments = {name: value for name, value in context.params.items() if name not in _NOT_RECORDED}
    shown = {name: _shown(value) for name, value in arguments.items() if value not in (None, False)}
    return Action(_command(context), shown, require_reason(reason))


async def shown_or_recorded(
    installation: Installation, action: Action | None, steps: Iterable[str], do: Callable[[], Awaitable[Report]]
) -> Report:
    """Show the steps where the action is None; otherwise do it, `recorded`."""
    return would(steps) if action is None else await recorded(installation, action, do)


async def recorded(
    installation: Installation, action: Action, do: Callable[[], Awaitable[Report]], *, only_if_kept: bool = False
) -> Report:
    """Record the action, do it, and record what came of it; the report names the record.

    Raises what `do` raises, and Problem where MongoDB is not away and does not keep the record or, `only_if_kept`,
    where it is away: looking at a person mends nothing.
    """
    record = {
        "_id": str(uuid7()),
        "at": datetime.now(UTC),
        "user": _user(),
        "host": socket.gethostname(),
        "operator": installation.operator,
        "command": action.command,
        "arguments": action.arguments,
        "reason": action.reason,
    }
    kept = await _begin(installation, record)
    if only_if_kept and not kept:
        raise Problem(Exit.UNREACHABLE, "This is not shown unless it is recorded that it was.")
    try:
        report = await do()
    except (Exception, asyncio.CancelledError) as error:
        await _end(installation, kept, _outcome(record, *_of_error(error)))
        raise
    kept = await _end(installation, kept, _outcome(record, report.exit, report.sentence))
    told = Text(f"Recorded as {record['_id']}." if kept else "The record is not kept: it was printed.")
    return replace(
        report, document=report.document | {"record": record["_id"], "kept": kept}, shown=[*report.shown, told]
    )


async def _begin(installation: Installation, record: Document) -> bool:
    try:
        await installation.records[RECORDS].insert_one(record)
    except PyMongoError as error:
        if not is_away(error):
            raise _not_recorded(installation, error) from error
        _print(record, type(error).__name__)
        return False
    return True


def _not_recorded(installation: Installation, error: PyMongoError) -> Problem:
    name = installation.records_database
    if isinstance(error, OperationFailure) and error.code == UNAUTHORIZED:
        why = f"The user in MONGODB_URI may not write to the database {name}"
    else:
        why = f"Nothing can be written ({type(error).__name__}) to the database {name}"
    sentence = (
        f"{why}, where it is recorded who changes what and why; nothing was done. "
        "docs/operations/record.md says which rights it needs."
    )
    return Problem(Exit.UNREACHABLE, sentence)


async def _end(installation: Installation, kept: bool, outcome: Document) -> bool:
    """What has no record there gets no outcome there: that one is printed, too."""
    why = "as before"
    if kept:
        try:
            await installation.records[OUTCOMES].insert_one(outcome)
        except PyMongoError as error:
            why = type(error).__name__
        else:
            return True
    _print(outcome, why)
    return False


def _print(document: Document, why: str) -> None:
    typer.echo(
        f"MongoDB does not keep this ({why}); keep it yourself, it is the record:\n{json_of(document)}", err=True
    )


def _outcome(record: Document, exit: Exit, sentence: str | None) -> Document:
    return {"_id": record["_id"], "at": datetime.now(UTC), "exit": exit.name.lower(), "sentence": sentence}


def _of_error(error: BaseException) -> tuple[Exit, str]:
    """The error's own text is kept only where it is ours: another's may quote a person."""
    match error:
        case Problem():
            return error.exit, str(error)
        case PyMongoError():
            return of_mongodb(error).exit, str(of_mongodb(error))
        case asyncio.CancelledError():
            return Exit.INTERRUPTED, "Interrupted."
        case _:
            return Exit.BROKEN, type(error).__name__


def _command(context: typer.Context) -> str:
    names: list[str] = []
    asked: Any = context
    while asked.parent is not None:
        names.insert(0, asked.info_name)
        asked = asked.parent
    return " ".join(names)


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_shown(part) for part in value]
    if isinstance(value, bool | int | float):
        return value
    return MASK if looks_personal(str(value)) else str(value)


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container a user often has no name
        return f"uid {os.getuid()}"
