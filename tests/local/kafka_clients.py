"""What somebody at Kafka may try: to read and to write; and rights that are other than the contracts say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka_requests import add_acl, drop_acl
from deploy.local.stack import Stack
from eventlog.access import KafkaAccess
from medonline_contracts.topics import Topic
from ops.acls import Acl


def access(stack: Stack, user: str) -> KafkaAccess:
    """How this user comes to the Kafka of the stack."""
    return stack.servers.kafka.access(user)


@asynccontextmanager
async def other_rights(admin: KafkaAccess, extra: Acl, missing: Acl) -> AsyncIterator[None]:
    """One right more and one less while the body runs."""
    client = AIOKafkaAdminClient(**admin.options())
    await client.start()
    try:
        await add_acl(client, extra)
        await drop_acl(client, missing)
        yield
    finally:
        await drop_acl(client, extra)
        await add_acl(client, missing)
        await client.close()


async def read(kafka: KafkaAccess, topic: Topic, group: str | None = None) -> bytes | None:
    """The first value of the topic. Raises KafkaError where it may not be read."""
    consumer = AIOKafkaConsumer(
        topic.name, **kafka.options(), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        async with asyncio.timeout(20):
            value: bytes | None = (await consumer.getone()).value
        if group:
            await consumer.commit()
    finally:
        await consumer.stop()
    return value


async def write(kafka: KafkaAccess, topic: Topic) -> None:
    """Raises KafkaError where it may not be written."""
    async with AIOKafkaProducer(**kafka.options(), request_timeout_ms=30_000) as producer:
        await producer.send_and_wait(topic.name, b"forged", key=b"forged")
