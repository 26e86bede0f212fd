"""Ops, rebuild, in words: what would be done, what came of it, and what to do next."""

from dataclasses import replace

from rich.console import RenderableType
from rich.text import Text

from ops.output import Report, table_of
from ops.pointers import Pointer
from ops.problem import Exit, Problem
from ops.rebuild import Built, next_generation


def building(one: Pointer) -> list[str]:
    """What building it takes."""
    number, begun = next_generation(one)
    topics = ", ".join(one.topics)
    first = (
        f"go on with generation {number} of {one.name}, which was begun before"
        if begun
        else f"have {one.service} build generation {number} of {one.name} from the beginning of {topics}"
    )
    return [first, f"compare it with generation {one.active}, which goes on being read: {', '.join(one.collections)}"]


def switching(one: Pointer) -> str:
    """What a rebuild does in the end."""
    return f"if they are equal, read generation {next_generation(one)[0]} in place of {one.active}"


def after_rebuild(built: Built) -> str:
    """What a rebuild came to, and what can be done next."""
    name, old, new = built.pointer.name, built.pointer.active, built.generation
    if built.equal:
        return (
            f"Generation {new} is read now. Back: `ops projection activate {name} {old} --yes --reason …`. "
            f"When that is not needed any more: `ops projection retire {name} {old} --yes --reason …`."
        )
    return (
        f"They differ, so generation {old} is still read. If that is what a mended projection was meant to do: "
        f"`ops projection activate {name} {new} --yes --reason …`; otherwise "
        f"`ops projection retire {name} {new} --yes --reason …`."
    )


def built_report(built: Built, verdict: str, *, switched: bool) -> Report:
    """All that was found out about the new generation."""
    document = {
        "done": True,
        "projection": built.pointer.name,
        "generation": built.generation,
        "went_on": built.went_on,
        "was": built.pointer.active,
        "events": built.events,
        "seconds": round(built.seconds, 1),
        "parked": built.parked,
        "equal": built.equal,
        "switched": switched,
        "collections": [comparison.document() for comparison in built.comparisons],
    }
    rows = [
        (c.collection, *c.documents, *(f"{one:064x}"[:12] for one in c.sums), len(c.different))
        for c in built.comparisons
    ]
    old, new = built.pointer.active, built.generation
    headings = ("collection", f"documents of {old}", f"of {new}", f"checksum of {old}", f"of {new}", "different")
    first = f"{built.events} events in {built.seconds:.1f} s; {built.parked} of them are parked."
    if built.went_on:
        first += f" Generation {new} was begun before: what older code may have folded in it stands as it was."
    shown: list[RenderableType] = [Text(first), table_of("Compared", headings, rows), Text(verdict)]
    return Report(document, shown, Exit.FINE if built.equal else Exit.WRONG)


def with_late(report: Report, verdict: str, late: Problem) -> Report:
    """The comparison, with what kept its generation from going; a difference is told before that."""
    return replace(
        report,
        document=report.document | {"not_retired": str(late)},
        shown=[*report.shown, Text(str(late))],
        exit=report.exit if report.exit != Exit.FINE else late.exit,
        sentence=f"{verdict} {late}",
    )
