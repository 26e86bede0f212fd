"""Ops, the doctor: looks for everything that can be wrong and names, for each finding, where it says what to do."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer
from pymongo.errors import PyMongoError
from rich.text import Text

from ops.doctor_kafka import kafka_findings
from ops.doctor_log import log_findings
from ops.doctor_mongodb import mongodb_findings
from ops.doctor_services import service_findings
from ops.findings import Bounds, Code, Finding, Severity
from ops.installation import Installation
from ops.output import Json, Report, run, table_of
from ops.pointers import Pointer, pointers
from ops.problem import Exit

_USUAL = Bounds()


def doctor(
    context: typer.Context,
    outbox_seconds: Annotated[float, typer.Option(help="An unpublished event may be so old.")] = _USUAL.outbox_seconds,
    lag: Annotated[int, typer.Option(help="A group may be so many events behind.")] = _USUAL.lag,
    waiting_seconds: Annotated[float, typer.Option(help="A reaction may wait so long.")] = _USUAL.waiting_seconds,
    clock_seconds: Annotated[float, typer.Option(help="Clocks may be so far apart.")] = _USUAL.clock_seconds,
    erasure_seconds: Annotated[float, typer.Option(help="An erasure may be so late.")] = _USUAL.erasure_seconds,
    key_days: Annotated[float, typer.Option(help="A key may sign for so long.")] = _USUAL.key_days,
    as_json: Json = False,
) -> None:
    """All that is wrong, each with the section of docs/operations/doctor.md that says what to do."""
    bounds = Bounds(outbox_seconds, lag, waiting_seconds, clock_seconds, erasure_seconds, key_days)

    async def work(installation: Installation) -> Report:
        return report_of(await examine(installation, bounds), asked=bool(installation.urls))

    run(context, as_json, work)


async def examine(installation: Installation, bounds: Bounds) -> list[Finding]:
    """Everything that is wrong, the worst first."""
    found = await mongodb_findings(installation, bounds)
    known = [] if any(finding.means_unreachable for finding in found) else await _pointers(installation)
    found += await kafka_findings(installation, known, bounds)
    if not any(finding.means_unreachable for finding in found):
        found += await log_findings(installation)
    for several in await asyncio.gather(*(generation_findings(one) for one in known)):
        found += several
    found += await service_findings(installation, bounds)
    return sorted(found, key=lambda finding: (finding.code.severity is Severity.WARNING, finding.code, finding.subject))


async def generation_findings(one: Pointer) -> list[Finding]:
    """Whether a projection's generations are in order."""
    found = []
    if one.active not in one.kept:
        sentence = f"Generation {one.active} is read, and nobody keeps it current."
        found.append(Finding(Code.POINTER_BROKEN, one.name, sentence))
    if newer := one.newer():
        sentence = (
            f"Generation {newer} is being built, was begun and never finished, or gone back from; {one.active} is read."
        )
        found.append(Finding(Code.REBUILD_UNFINISHED, one.name, sentence))
    if left := await one.leftovers() - {one.active}:
        sentence = f"Of generation {', '.join(map(str, sorted(left)))} collections are left that nobody keeps current."
        found.append(Finding(Code.GENERATION_LEFTOVER, one.name, sentence))
    return found


def report_of(found: list[Finding], *, asked: bool = True) -> Report:
    """What to tell of it; `asked`: the services too."""
    document = {"healthy": not found, "services_asked": asked, "findings": [finding.document() for finding in found]}
    if not found:
        unasked = "" if asked else " The services were not asked whether they are ready: OPS_SERVICE_URLS names none."
        return Report(document, [Text(f"Nothing is wrong.{unasked}")])
    unreachable = any(finding.means_unreachable for finding in found)
    exit = Exit.UNREACHABLE if unreachable else Exit.WRONG
    return Report(
        document, [table_of("Wrong", ("severity", "code", "where", "what"), _rows(found)), _advice(found)], exit
    )


def _rows(found: list[Finding]) -> Iterator[tuple[object, ...]]:
    return ((finding.code.severity, finding.code, finding.subject, finding.sentence) for finding in found)


def _advice(found: list[Finding]) -> Text:
    sections = dict.fromkeys(finding.section for finding in found)
    return Text("\n".join(["What to do:", *(f"  {section}" for section in sections)]))


async def _pointers(installation: Installation) -> list[Pointer]:
    try:
        return await pointers(installation)
    except PyMongoError:  # it has just gone: the next call will say so
        return []
