"""The broker, asked and told as an administrator does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from tests.faults.ground import Ground


@asynccontextmanager
async def administering(ground: Ground) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client of the ground's broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
