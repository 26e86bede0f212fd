"""Local stand, Kafka's users: what the broker is told of each: a password and, from the contracts, the rights."""

from collections.abc import Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka_requests import add_acl, drop_acl, set_password
from deploy.local.secrets import KAFKA_USERS
from eventlog.access import KafkaAccess
from medonline_contracts.topics import TOPICS, Topic
from ops.acls import acl_of, acls
from ops.grants import grants_of


async def prepare_users(admin: KafkaAccess, secrets: Path, topics: Sequence[Topic] = TOPICS) -> None:
    """Make the users known, with the rights that the contracts say and no others. Raises aiokafka's KafkaError."""
    client = AIOKafkaAdminClient(**admin.options())
    await client.start()
    try:
        for user in KAFKA_USERS:
            await set_password(client, user, (secrets / f"{user}.password").read_text())
        wanted = {acl_of(user, grant) for user in KAFKA_USERS for grant in grants_of(user, user, topics)}
        principals = {f"User:{user}" for user in KAFKA_USERS}
        there = {acl for acl in await acls(client) or () if acl.principal in principals}
        for acl in wanted - there:
            await add_acl(client, acl)
        for acl in there - wanted:
            await drop_acl(client, acl)
    finally:
        await client.close()
