"""Ops, the door: `ops` with its commands. The only module of it that reads the environment."""

import logging
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from ops import consent, dlq, events, group, keys, log, projection, record_list, topics
from ops.config import Config
from ops.doctor import doctor
from ops.grants import grants
from ops.lag import lag
from ops.outbox import outbox
from ops.problem import Exit, Problem

app = typer.Typer(
    name="ops",
    help="Operating Медицина Онлайн. What to do about what it says: docs/operations.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(doctor)
app.command()(lag)
app.command()(outbox)
app.command()(grants)
app.add_typer(dlq.app, name="dlq")
app.add_typer(projection.app, name="projection")
app.add_typer(events.app, name="events")
app.add_typer(log.app, name="log")
app.add_typer(group.app, name="group")
app.add_typer(consent.app, name="consent")
app.add_typer(topics.app, name="topics")
app.add_typer(keys.app, name="keys")
app.add_typer(record_list.app, name="record")


@app.callback()
def where(
    context: typer.Context,
    env_file: Annotated[
        Path | None,
        typer.Option(envvar="OPS_ENV_FILE", help="Where MONGODB_URI and KAFKA_BOOTSTRAP_SERVERS are written."),
    ] = None,
) -> None:
    """Operating Медицина Онлайн. What to do about what it says: docs/operations.md."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # what it would say, a command says in one sentence
    context.obj = partial(read_config, env_file)


def read_config(env_file: Path | None) -> Config:
    """The configuration of this call. Raises Problem naming what is missing, and never what is written there."""
    if env_file and not env_file.is_file():
        raise Problem(Exit.USAGE, f"There is no file {env_file}: `make run` writes .local/ops.env while it starts.")
    try:
        return Config(_env_file=env_file)
    except ValidationError as error:
        names = ", ".join(
            str(wrong["loc"][0]).upper() for wrong in error.errors(include_input=False, include_url=False)
        )
        raise Problem(
            Exit.USAGE,
            f"{names}: not set, or not as it ought to be. Set it, or name a file: ops --env-file .local/ops.env",
        ) from None
    except SettingsError:
        raise Problem(Exit.USAGE, 'OPS_DATABASES and OPS_SERVICE_URLS are written in JSON: {"cards": "…"}.') from None


if __name__ == "__main__":
    app()
