"""What the traps share: the log's own fixtures, and the scene."""

from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from medonline_contracts.topics import Topic
from tests.eventlog.conftest import database, store, topic
from tests.servers import RealServers
from tests.traps.scene import Scene

__all__ = ["database", "scene", "store", "topic"]


@pytest.fixture
async def scene(topic: Topic, servers: RealServers) -> AsyncIterator[Scene]:
    """A topic and a group that nobody else has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        yield Scene(servers.bootstrap_servers, topic, admin, group=f"group.{topic.name}")
    finally:
        await admin.close()
