"""Local stand, Kafka's users: what the broker is told of each: a password and, from the contracts, the rights."""

from collections.abc import Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka_requests import ALLOW, Acl, acls, add_acl, drop_acl, set_password
from deploy.local.secrets import KAFKA_USERS
from eventlog.access import KafkaAccess
from medonline_contracts.topics import TOPICS, Topic
from ops.grants import Grant, Operation, Resource, grants_of

_RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.TRANSACTIONAL_ID: 5}
_OPERATIONS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}
_LITERAL, _PREFIXED = 3, 4


async def prepare_users(admin: KafkaAccess, secrets: Path, topics: Sequence[Topic] = TOPICS) -> None:
    """Make the users known, with the rights that the contracts say and no others. Raises aiokafka's KafkaError."""
    client = AIOKafkaAdminClient(**admin.options())
    await client.start()
    try:
        for user in KAFKA_USERS:
            await set_password(client, user, (secrets / f"{user}.password").read_text())
        wanted = {_acl(user, grant) for user in KAFKA_USERS for grant in grants_of(user, user, topics)}
        principals = {f"User:{user}" for user in KAFKA_USERS}
        there = {acl for acl in await acls(client) if acl.principal in principals}
        for acl in wanted - there:
            await add_acl(client, acl)
        for acl in there - wanted:
            await drop_acl(client, acl)
    finally:
        await client.close()


def _acl(user: str, grant: Grant) -> Acl:
    pattern = _PREFIXED if grant.prefix else _LITERAL
    resource, operation = _RESOURCES[grant.resource], _OPERATIONS[grant.operation]
    return Acl(resource, grant.name, pattern, f"User:{user}", "*", operation, ALLOW)
