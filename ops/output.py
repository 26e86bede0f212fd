"""Ops, output: a command's report, for a person or as one JSON document, and the one door to asyncio."""

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo.errors import PyMongoError
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ops.config import Config
from ops.installation import Installation, open_installation
from ops.problem import Exit, Problem, of_mongodb

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this it is only shown what would be done.")]


@dataclass(frozen=True, slots=True)
class Report:
    """What a command has to say: `document` to machines, `shown` to people, `sentence` to the record."""

    document: dict[str, Any]
    shown: Sequence[RenderableType]
    exit: Exit = Exit.FINE
    sentence: str | None = None


Work = Callable[[Installation], Awaitable[Report]]


def run(context: typer.Context, as_json: bool, work: Work) -> None:
    """Do the work against the installation that the environment names, print its report and exit with its code."""
    try:
        report = asyncio.run(_run(context.obj, work))
    except PyMongoError as error:
        report = told(of_mongodb(error))
    except Problem as problem:
        report = told(problem)
    except (typer.Exit, BrokenPipeError):  # typer ends quietly where nobody reads on
        raise
    except KeyboardInterrupt:
        report = told(Problem(Exit.INTERRUPTED, "Interrupted. What was begun can be called again and goes on."))
    except Exception as error:  # its text and its trace may quote what must not be shown
        report = told(Problem(Exit.BROKEN, f"A mistake in ops itself ({_where(error)}): report it."))
    emit(report, as_json)
    raise typer.Exit(report.exit)


async def _run(read_config: Callable[[], Config], work: Work) -> Report:
    async with open_installation(read_config()) as installation:
        return await work(installation)


def _where(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def told(problem: Problem) -> Report:
    """A problem as a command reports it."""
    error = {"kind": problem.exit.name.lower(), "sentence": str(problem)}
    return Report({"error": error}, [Text(str(problem))], problem.exit)


def emit(report: Report, as_json: bool) -> None:
    """Print the report; what did not go well goes to standard error, but for machines."""
    if as_json:
        typer.echo(json_of(report.document))
        return
    console = console_of(stderr="error" in report.document)
    for part in report.shown:
        console.print(part, soft_wrap=isinstance(part, Text))


def json_of(document: dict[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(document, default=_written, ensure_ascii=False)


def console_of(*, stderr: bool = False) -> Console:
    """Where people read; into a file lines are not cut."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 160, highlight=False)


def would(steps: Iterable[str]) -> Report:
    """What a command would do, had it been told `--yes`."""
    planned = list(steps)
    shown = [Text("This would be done:"), *(Text(f"  - {step}") for step in planned)]
    return Report(
        {"done": False, "would": planned},
        [*shown, Text("Nothing has been done. To do it: --yes --reason …")],
        Exit.SHOWN,
    )


def table_of(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table in which nothing is cut off and nothing is taken for markup."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    return table


def age_of(seconds: float | None) -> str:
    """A span of time for people."""
    if seconds is None:
        return "–"
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _plain(cell: object) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case list() | tuple() | set():
            return ", ".join(map(_plain, cell))
        case _:  # a group's or a client's name is somebody else's: it must not steer the terminal
            return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in str(cell))


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
