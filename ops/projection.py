"""Ops, the projections (`ops projection`): their generations; build one anew, read another one, let one go."""

from typing import Annotated, Any

import typer
from rich.text import Text

from eventlog.projection import suffix
from ops.installation import Installation
from ops.output import Json, Report, Yes, run, table_of
from ops.pointers import Pointer, pointer, pointers
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.rebuild import behind, build, next_generation
from ops.rebuild_report import after_rebuild, building, built_report, switching, with_late
from ops.record import action_of, shown_or_recorded
from ops.retirement import retire as retire_generation
from ops.retirement import steps_of

app = typer.Typer(
    help="The views: status, rebuild, verify, activate, retire.", no_args_is_help=True, rich_markup_mode=None
)

MAY_BE_BEHIND = 1_000  # events, more than the generation that is read, for another one to be read

Name = Annotated[str, typer.Argument(help="As `ops projection status` shows it, such as cards.view.")]
Number = Annotated[int, typer.Argument(help="The generation's number.")]
Patience = Annotated[float, typer.Option("--patience-seconds", help="Give up when nothing moves for so long.")]


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Every generation: is it read, is it kept current, how far is it behind."""

    async def work(installation: Installation) -> Report:
        rows = [await _row(installation, one, number) for one in await pointers(installation) for number in one.kept]
        if not rows:
            return Report({"generations": []}, [Text("No service has made its views yet.")])
        return Report({"generations": rows}, [table_of("Projections", list(rows[0]), [list(r.values()) for r in rows])])

    run(context, as_json, work)


@app.command()
def rebuild(
    context: typer.Context,
    name: Name,
    patience: Patience = 60,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Build a new generation from the beginning of its topics, compare it, and read it if it is equal."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        one = await pointer(installation, name)
        steps = [*building(one), switching(one), f"keep generation {one.active} current, to go back to"]

        async def do() -> Report:
            built = await build(installation, one, patience, quiet=as_json)
            if built.equal:
                await built.pointer.move({"$set": {"active": built.generation}})
            return built_report(built, after_rebuild(built), switched=built.equal)

        return await shown_or_recorded(installation, action, steps, do)

    run(context, as_json, work)


@app.command()
def verify(
    context: typer.Context,
    name: Name,
    patience: Patience = 60,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Build a new generation, compare it with the one that is read, and let it go again."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        one = await pointer(installation, name)
        number, begun = next_generation(one)
        if begun:
            sentence = (
                f"Generation {number} of {name} was begun before. First finish it (`ops projection rebuild {name}`) "
            )
            raise Problem(Exit.REFUSED, f"{sentence}or let it go (`ops projection retire {name} {number}`).")
        steps = [*building(one), f"retire generation {number} again; what is read does not change"]

        async def do() -> Report:
            built = await build(installation, one, patience, quiet=as_json)
            verdict = "What is read is what the log says." if built.equal else "What is read is NOT what the log says."
            report = built_report(built, verdict, switched=False)
            try:
                await retire_generation(installation, built.pointer, built.generation, patience)
            except Problem as late:  # what was found out in an hour is not lost for that
                return with_late(report, verdict, late)
            return report

        return await shown_or_recorded(installation, action, steps, do)

    run(context, as_json, work)


@app.command()
def activate(
    context: typer.Context,
    name: Name,
    generation: Number,
    although_behind: Annotated[bool, typer.Option("--although-behind", help="Though it has not caught up.")] = False,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Read another generation from now on: forward to one that differs on purpose, or back."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        one = await pointer(installation, name)
        _require_kept_and_not_read(one, generation)
        if not although_behind:
            await _require_caught_up(installation, one, generation)
        step = f"read generation {generation} of {name} in place of {one.active}, which stays kept"

        async def do() -> Report:
            await one.move({"$set": {"active": generation}})
            document = {"done": True, "projection": name, "active": generation, "was": one.active}
            return Report(document, [Text(f"Done: {step}. The services see it within a second.")])

        return await shown_or_recorded(installation, action, [step], do)

    run(context, as_json, work)


@app.command()
def retire(
    context: typer.Context,
    name: Name,
    generation: Number,
    patience: Patience = 60,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Let a generation go that is not read any more, with its collections, its parked events and its group."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        one = await pointer(installation, name)
        steps = steps_of(one, generation)

        async def do() -> Report:
            await retire_generation(installation, one, generation, patience)
            document = {"done": True, "projection": name, "retired": generation, "active": one.active}
            return Report(document, [Text(f"Done: {step}") for step in steps])

        return await shown_or_recorded(installation, action, steps, do)

    run(context, as_json, work)


async def _row(installation: Installation, one: Pointer, number: int) -> dict[str, Any]:
    async with installation.kafka() as kafka:
        lag = await behind(kafka, one, number)
        members = len((await kafka.group(one.group(number))).members)
    documents = [await one.database[c + suffix(number)].estimated_document_count() for c in one.collections]
    return {
        "projection": one.name,
        "generation": number,
        "read": number == one.active,
        "behind": lag,
        "members": members,
        "parked": await one.database["parked"].count_documents({"group": one.group(number)}),
        "documents": sum(documents),
    }


def _require_kept_and_not_read(one: Pointer, generation: int) -> None:
    if generation not in one.kept:
        kept = ", ".join(map(str, one.kept))
        raise Problem(Exit.REFUSED, f"Generation {generation} of {one.name} is not kept current; these are: {kept}.")
    if generation == one.active:
        raise Problem(Exit.REFUSED, f"Generation {generation} of {one.name} is the one that is read already.")


async def _require_caught_up(installation: Installation, one: Pointer, generation: int) -> None:
    async with installation.kafka() as kafka:
        theirs, ours = await behind(kafka, one, generation), await behind(kafka, one, one.active)
    if theirs > ours + MAY_BE_BEHIND:
        raise Problem(
            Exit.REFUSED,
            f"Generation {generation} of {one.name} is {theirs} events behind, so pages would miss what people have "
            "done. Wait for it (`ops projection status`), or say --although-behind.",
        )
