"""Ops, the rights as a broker keeps them (ACLs), read from it and made of the grants that the contracts say.

Numbers are those of Kafka's protocol (https://kafka.apache.org/protocol; AclOperation, ResourceType, PatternType).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DescribeAclsRequest

from ops.grants import Grant, Operation, Resource

ANY = 1
ALLOW = 3
LITERAL, PREFIXED = 3, 4
_RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.CLUSTER: 4, Resource.TRANSACTIONAL_ID: 5}
_OPERATIONS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}
_ALL_OPERATIONS = {2: "All", 5: "Create", 7: "Alter", 9: "ClusterAction", 11: "AlterConfigs", 12: "IdempotentWrite"}
_SECURITY_DISABLED = 54


class Acl(NamedTuple):
    """A right as the broker keeps it, in the order of its protocol."""

    resource_type: int
    resource_name: str | None
    pattern_type: int
    principal: str | None
    host: str | None
    operation: int
    permission_type: int

    @property
    def resource(self) -> str:
        """What it is on, in words."""
        kind = _named(_RESOURCES, self.resource_type)
        pattern = f"{self.resource_name}…" if self.pattern_type == PREFIXED else self.resource_name
        return "the cluster" if kind == Resource.CLUSTER else f"{kind} {pattern}"

    def is_on(self, resource: Resource) -> bool:
        """Whether it is on something of this kind."""
        return self.resource_type == _RESOURCES[resource]

    def is_to(self, operation: Operation) -> bool:
        """Whether it is about doing this."""
        return self.operation == _OPERATIONS[operation]

    def __str__(self) -> str:
        may = "may" if self.permission_type == ALLOW else "is denied to"
        operation = _ALL_OPERATIONS.get(self.operation) or _named(_OPERATIONS, self.operation)
        host = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal} {may} {operation} on {self.resource}{host}"

    def arguments(self) -> list[str]:
        """With these arguments Kafka's `kafka-acls.sh` names it."""
        kind = _named(_RESOURCES, self.resource_type)
        allow = "allow" if self.permission_type == ALLOW else "deny"
        host = [] if self.host == "*" else [f"--{allow}-host", str(self.host)]
        operation = _ALL_OPERATIONS.get(self.operation) or _named(_OPERATIONS, self.operation)
        name = [] if kind == Resource.CLUSTER else [str(self.resource_name)]
        pattern = ["--resource-pattern-type", "prefixed"] if self.pattern_type == PREFIXED else []
        return [
            f"--{allow}-principal",
            str(self.principal),
            *host,
            "--operation",
            operation,
            f"--{kind}",
            *name,
            *pattern,
        ]


ALL = Acl(ANY, None, ANY, None, None, ANY, ANY)


def acl_of(user: str, grant: Grant) -> Acl:
    """The right that gives the user what was granted."""
    pattern = PREFIXED if grant.prefix else LITERAL
    resource, operation = _RESOURCES[grant.resource], _OPERATIONS[grant.operation]
    return Acl(resource, grant.name, pattern, f"User:{user}", "*", operation, ALLOW)


async def acls(client: AIOKafkaAdminClient) -> set[Acl] | None:
    """Every right that the broker knows; None where it has no authorizer: there everybody may do everything.

    Raises KafkaError.
    """
    answer = await client._client.send(client._client.get_random_node(), DescribeAclsRequest(*ALL))
    if answer.error_code == _SECURITY_DISABLED:
        return None
    if answer.error_code:
        raise for_code(answer.error_code)(answer.error_message)
    return {Acl(kind, name, pattern, *right) for kind, name, pattern, rights in answer.resources for right in rights}


def _named(names: Mapping[Any, int], number: int) -> str:
    return next((str(name.value) for name, known in names.items() if known == number), f"number {number}")
