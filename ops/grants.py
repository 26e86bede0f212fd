"""Ops, grants (`ops grants`): what a Kafka user may do: exactly what the contracts say of its role, and nothing more.

Nothing is asked of a broker here. On a broker with an authorizer whoever is granted nothing may do nothing.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from eventlog.turn import transactional_id_of
from medonline_contracts.topics import HOSPITAL, TOPICS, Topic
from ops.config import SERVICES
from ops.output import Json, Report, emit, told
from ops.problem import Exit, Problem

OPERATORS = "ops"
KEDA = "keda"  # in a cluster it sees how far groups have got, to scale by that; ScaledObjects say which groups
CLUSTER = "kafka-cluster"  # Kafka's own name for what there is only one of
ROLES = (*SERVICES, HOSPITAL, OPERATORS)
NEVER_GRANTED = ("admin", "anonymous")  # who sets a broker up and may do all, and Kafka's name for whoever has none


class Resource(StrEnum):
    """What a right is on, as Kafka's own command line calls it."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"
    CLUSTER = "cluster"


class Operation(StrEnum):
    """What may be done; `Read`, `Write` and `Delete` say that `Describe` may be done, too."""

    READ = "Read"
    WRITE = "Write"
    DELETE = "Delete"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"


@dataclass(frozen=True, slots=True)
class Grant:
    """A right on what bears this name (`*`: on all) or, where `prefix`, on all whose names begin with it."""

    operation: Operation
    resource: Resource
    name: str
    prefix: bool = False

    def command(self, user: str) -> str:
        """The arguments with which Kafka's `kafka-acls.sh` grants it."""
        name = [] if self.resource is Resource.CLUSTER else [self.name]
        named = [f"--{self.resource}", *name, *(["--resource-pattern-type", "prefixed"] if self.prefix else [])]
        return shlex.join(["--add", "--allow-principal", f"User:{user}", "--operation", self.operation, *named])


def grants_of(user: str, role: str, topics: Sequence[Topic] = TOPICS) -> list[Grant]:
    """What a user of this role needs for its work: a service, another system (`hospital`) or the operators (`ops`).

    Groups belong to a user by their names, which begin with the user's and a dot. Raises Problem for an unknown role,
    for a name under which the user would have another's groups, and for one that Kafka takes for somebody else.
    """
    if role not in ROLES:
        raise Problem(Exit.USAGE, f"No role is called {role}: there are {', '.join(ROLES)}.")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", user):
        raise Problem(Exit.USAGE, "A user's name consists of Latin letters, digits, - and _.")
    if user.lower() in NEVER_GRANTED:
        raise Problem(Exit.USAGE, f"{user} is who sets the broker up, or everybody without a name: grant them nothing.")
    if user in ROLES and user != role:
        raise Problem(Exit.USAGE, f"{user} is the name of a role: a user with another role needs another name.")
    return list(_of_operators(topics) if role == OPERATORS else _of_role(user, role, topics))


def _of_role(user: str, role: str, topics: Sequence[Topic]) -> Iterator[Grant]:
    for topic in topics:
        if topic.producer == role:
            yield Grant(Operation.WRITE, Resource.TOPIC, topic.name)
            yield Grant(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id_of(topic))
        if role in (topic.producer, *topic.readers):  # whoever writes looks into what was written, before going on
            yield Grant(Operation.READ, Resource.TOPIC, topic.name)
    yield Grant(Operation.READ, Resource.GROUP, f"{user}.", prefix=True)


def _of_operators(topics: Sequence[Topic]) -> Iterator[Grant]:
    for topic in topics:
        yield Grant(Operation.READ, Resource.TOPIC, topic.name)
        yield Grant(Operation.DESCRIBE_CONFIGS, Resource.TOPIC, topic.name)
    yield Grant(Operation.DESCRIBE, Resource.GROUP, "*")
    yield Grant(Operation.DESCRIBE, Resource.CLUSTER, CLUSTER)  # to see who has which rights
    for service in SERVICES:
        yield Grant(Operation.DESCRIBE, Resource.TOPIC, f"{service}.", prefix=True)
        yield Grant(Operation.DELETE, Resource.GROUP, f"{service}.", prefix=True)


def grants(
    user: Annotated[str, typer.Argument(help="The user's name on Kafka.")],
    role: Annotated[str | None, typer.Option("--as", help=f"One of {', '.join(ROLES)}; usually the name.")] = None,
    as_json: Json = False,
) -> None:
    """What a Kafka user may do, as arguments of Kafka's own kafka-acls.sh."""
    try:
        granted = grants_of(user, role or user)
    except Problem as problem:
        emit(told(problem), as_json)
        raise typer.Exit(problem.exit) from None
    document: dict[str, Any] = {"user": user, "grants": [_shown(grant) for grant in granted]}
    emit(Report(document, [Text(grant.command(user)) for grant in granted]), as_json)


def _shown(grant: Grant) -> dict[str, Any]:
    return {
        "operation": grant.operation,
        "resource": grant.resource,
        "name": grant.name,
        "pattern": "prefixed" if grant.prefix else "literal",
    }
