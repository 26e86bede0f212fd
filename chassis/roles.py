"""The roles of a service's process: `python -m services.<name>.main [all|http|bus|prepare]`.

One image plays them all, so that what people wait for and what follows Kafka grow each by what drives it: `all` does
everything, as on one machine; `http` answers requests; `bus` does the work between MongoDB and Kafka and answers probes
alone; `prepare` makes the collections and indexes before a rollout and ends.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

import structlog
from fastapi import FastAPI

from chassis.config import Config
from chassis.health import Watched
from chassis.logs import set_up_logs
from chassis.serving import serve
from chassis.traces import set_up_traces

log = structlog.get_logger(__name__)

C = TypeVar("C", bound=Config)


class Role(StrEnum):
    """What a process of a service is there for."""

    ALL = "all"
    HTTP = "http"
    BUS = "bus"
    PREPARE = "prepare"

    @property
    def answers(self) -> bool:
        """Whether it has the service's HTTP door, and not only that for probes."""
        return self in (Role.ALL, Role.HTTP)

    @property
    def works(self) -> bool:
        """Whether it publishes the log, reads topics and does what is done at its time."""
        return self in (Role.ALL, Role.BUS)


def run(
    service: str, read: Callable[[], C], build: Callable[[C, Role], FastAPI], roles: Iterable[Role] = tuple(Role)
) -> None:
    """Be a process of the service, in the role that the command line names, until SIGTERM or until it is done.

    Ends with 2 where there is no such role.
    """
    role = _named(service, list(roles))
    config = read()
    set_up_logs(service, config.log_level)
    set_up_traces(service, config.otel_exporter_otlp_endpoint, config.otel_traces_sampler_arg)
    app = build(config, role)
    if role is Role.PREPARE:
        asyncio.run(_prepare(app))
        log.info("prepared")
    else:
        serve(app, config.http_host, config.http_port, config.drain_seconds, config.metrics_port)


def _named(service: str, roles: list[Role]) -> Role:
    parser = argparse.ArgumentParser(f"python -m services.{service}.main")
    parser.add_argument("role", nargs="?", default=Role.ALL, choices=[role.value for role in roles])
    return Role(parser.parse_args().role)


async def _prepare(app: FastAPI) -> None:
    """Live until everything is prepared: MongoDB is waited for, and what cannot be made ends the process."""
    watched: Watched = app.state.watched
    async with app.router.lifespan_context(app):
        await watched.prepared.wait()
