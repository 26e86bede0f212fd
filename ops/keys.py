"""Ops, the signing keys (`ops keys`): which of them the services publish, and a new one for each, nobody signed out."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import httpx
import typer
from rich.text import Text

from chassis.signing_keys import key_file, new_key
from ops.installation import Installation
from ops.key_rotation import Rotation, require_late_enough, require_near_enough, rotation_of
from ops.output import Json, Report, Yes, run, table_of
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import action_of, shown_or_recorded

app = typer.Typer(help="The signing keys: list, rotate.", no_args_is_help=True, rich_markup_mode=None)

SIGNERS = ("identity", "settings")
IN_A_FOLDER, BY_HAND = 900, 7_200  # seconds until a new key signs; secret stores are often looked into once an hour
ASKED_SECONDS = 5.0

Services = Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(SIGNERS)}; both, if none is named.")]
SecretsDir = Annotated[
    Path | None, typer.Option(help="Where the services' folders of secrets stand; OPS_SECRETS_DIR otherwise.")
]
SignsAfter = Annotated[
    float | None,
    typer.Option("--signs-after-seconds", help=f"From when on it signs; {IN_A_FOLDER}, printed {BY_HAND}."),
]


class _Plan(NamedTuple):
    """What would be done, and the doing of it."""

    steps: Sequence[str]
    do: Callable[[], Awaitable[Report]]


@app.command("list")
def list_keys(context: typer.Context, as_json: Json = False) -> None:
    """The keys that each service publishes, and from when on each signs."""

    async def work(installation: Installation) -> Report:
        asked = [service for service in SIGNERS if service in installation.urls]
        if not asked:
            raise Problem(Exit.USAGE, f"OPS_SERVICE_URLS names neither of {', '.join(SIGNERS)}: they are asked.")
        keys = [key for service in asked for key in await published(service, installation.urls[service])]
        rows = [(key["service"], key["kid"], key["signs_from"] or "the beginning") for key in keys]
        table = table_of("Published keys", ("service", "key", "signs from"), rows)
        return Report({"keys": keys}, [table, Text("The newest whose time has come signs; all verify.")])

    run(context, as_json, work)


@app.command()
def rotate(
    context: typer.Context,
    services: Services = None,
    secrets_dir: SecretsDir = None,
    to_print: Annotated[bool, typer.Option("--print", help="Print it, for a secret store.")] = False,
    signs_after: SignsAfter = None,
    although_soon: Annotated[
        bool, typer.Option("--although-soon", help="Though not everybody knows it by then.")
    ] = False,
    yes: Yes = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Make a new key that signs from later on, and let go of those that no token needs any more."""

    async def work(installation: Installation) -> Report:
        action = action_of(context, reason, yes=yes)
        usual = BY_HAND if to_print else IN_A_FOLDER
        after = timedelta(seconds=usual if signs_after is None else signs_after)
        require_near_enough(after)
        if not although_soon:
            require_late_enough(after)
        named = _known(services or SIGNERS)
        plan = _printed(named, after) if to_print else _written(named, secrets_dir or installation.secrets_dir, after)
        return await shown_or_recorded(installation, action, plan.steps, plan.do)

    run(context, as_json, work)


async def published(service: str, url: str) -> list[dict[str, Any]]:
    """What a service says at its JWKS. Raises Problem where it does not say it."""
    try:
        async with httpx.AsyncClient(timeout=ASKED_SECONDS, trust_env=False) as http:
            answer = (await http.get(f"{url.rstrip('/')}/.well-known/jwks.json")).raise_for_status()
        keys = answer.json()["keys"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        sentence = f"{service} does not say which keys it has ({type(error).__name__}): see whether it runs."
        raise Problem(Exit.UNREACHABLE, sentence) from error
    return [{"service": service, "kid": key["kid"], "signs_from": _time(key.get("nbf"))} for key in keys]


def _written(services: Iterable[str], secrets: Path | None, after: timedelta) -> _Plan:
    if secrets is None:
        raise Problem(Exit.USAGE, "Name the folder (--secrets-dir), or have it printed for a secret store (--print).")
    rotations = [rotation_of(service, secrets, datetime.now(UTC), after) for service in services]
    steps = [step for rotation in rotations for step in rotation.steps()]

    async def do() -> Report:
        for rotation in rotations:
            rotation.carry_out()
        told = "The services read it by themselves: `ops keys list` shows it. The old one verifies for another hour."
        return Report(
            {"done": True, "keys": list(map(_file, rotations))}, [*(Text(f"Done: {s}") for s in steps), Text(told)]
        )

    return _Plan(steps, do)


def _printed(services: Iterable[str], after: timedelta) -> _Plan:
    signs_from = datetime.now(UTC) + after
    name = key_file(signs_from).name

    async def do() -> Report:
        keys = [{"service": service, "file": name, "pem": new_key().decode()} for service in services]
        shown = [
            Text(f"Put this beside the other keys of {k['service']}, and call it {name}:\n\n{k['pem']}") for k in keys
        ]
        told = (
            f"They sign from {signs_from:%Y-%m-%d %H:%M}Z on: by then `ops keys list` has to name them. Delete older "
            "ones no earlier than an hour after that. Do not put them anywhere else."
        )
        return Report({"done": True, "keys": keys}, [*shown, Text(told)])

    return _Plan([f"print a new key of {service}, to be called {name}" for service in services], do)


def _file(rotation: Rotation) -> dict[str, Any]:
    deleted = [file.name for file in rotation.over]
    return {"service": rotation.service, "file": str(rotation.folder / rotation.new.name), "deleted": deleted}


def _known(services: Iterable[str]) -> list[str]:
    named = list(dict.fromkeys(services))
    if unknown := set(named) - set(SIGNERS):
        raise Problem(Exit.USAGE, f"{', '.join(sorted(unknown))}: only {' and '.join(SIGNERS)} sign.")
    return named


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
