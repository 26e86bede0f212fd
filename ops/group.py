"""Ops, consumer groups (`ops group delete`): forget one of the services' that belongs to no code any more."""

from typing import Annotated

import typer
from rich.text import Text

from ops.installation import Installation
from ops.kafka import Group, Kafka
from ops.output import Json, Report, Yes, run
from ops.pointers import Pointer, pointers
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import action_of, shown_or_recorded

app = typer.Typer(help="The services' consumer groups: delete.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """The services' consumer groups: delete."""


@app.command()
def delete(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="GROUP", help="As `ops lag` shows it.")],
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Forget a group that nobody reads for, and how far it had come: what reads for it again reads everything again."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        await _require_no_views(installation, name)
        async with installation.kafka() as kafka:
            found = await _deserted(kafka, name)
            again = await _read_again(kafka, found)
        places = _places(found)
        steps = [f"forget the group {name}, which has come to {places}; what reads for it again, reads {again} again"]
        return await shown_or_recorded(installation, action, steps, lambda: _delete(installation, name, places))

    run(context, as_json, work)


async def _require_no_views(installation: Installation, name: str) -> None:
    """Raises Problem where the group is not ours, or fills a view."""
    if not installation.is_ours(name):
        raise Problem(Exit.REFUSED, f"{name} is no group of {', '.join(installation.databases)}: it is another's.")
    for one in await pointers(installation):
        for generation in {one.active, *one.kept}:
            if name == one.group(generation):
                raise Problem(Exit.REFUSED, _fills(one, generation))


async def _deserted(kafka: Kafka, name: str) -> Group:
    """The group. Raises Problem where it is not there, or where somebody reads for it."""
    if name not in await kafka.group_names():
        raise Problem(Exit.REFUSED, f"There is no group {name}: `ops lag` shows those that there are.")
    found = await kafka.group(name)
    if found.members:
        who = ", ".join(f"{member.id} at {member.host}" for member in found.members)
        raise Problem(Exit.REFUSED, f"{name} is read for ({who}): only a group without members is deleted.")
    return found


def _fills(one: Pointer, generation: int) -> str:
    group, is_read = one.group(generation), generation == one.active
    kept = f"{group} keeps generation {generation} of {one.name} current: start {one.service}, and it goes on"
    if is_read:
        return f"{kept}. That one is read: if it is wrong, `ops projection rebuild {one.name}` builds another one."
    return f"{kept}; or let it go, with its group: `ops projection retire {one.name} {generation}`."


async def _read_again(kafka: Kafka, group: Group) -> str:
    """How much that is, and of which topics: whoever takes a reactor's for one that is left over may see it here."""
    extents = await kafka.extents(await kafka.places(group.topics()))
    count = sum(extent.end - extent.first for extent in extents.values())
    return f"all {count} records of {', '.join(sorted(group.topics()))}" if extents else "everything"


def _places(group: Group) -> str:
    """How far it has come in each partition: with that a mistake can be made good."""
    return ", ".join(f"{p.topic}/{p.partition}@{at}" for p, at in sorted(group.committed.items())) or "no place"


async def _delete(installation: Installation, name: str, places: str) -> Report:
    async with installation.kafka() as kafka:
        await kafka.delete_group(name)
    document = {"done": True, "group": name, "places": places}
    return Report(document, [Text(f"{name} is forgotten; it had come to {places}.")])
