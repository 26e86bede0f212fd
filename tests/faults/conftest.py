"""What the faults share: grounds of their own on the servers of all tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import pytest
from pymongo import AsyncMongoClient

from deploy.local.topics import create_topics
from eventlog.store import Document
from tests.faults.broker import administering
from tests.faults.ground import Ground
from tests.faults.own import OwnServers, own_servers
from tests.identity.conftest import world
from tests.servers import RealServers, forget

__all__ = ["client", "ground", "new_ground", "own", "world"]


class NewGround(Protocol):
    """Makes a ground, which is removed after the test."""

    async def __call__(self, partitions: int = 3) -> Ground:
        """One more."""


@pytest.fixture
async def client(servers: RealServers) -> AsyncIterator[AsyncMongoClient[Document]]:
    """The test's own way to MongoDB, with more patience than a service has: what it asks is not what is tested."""
    async with AsyncMongoClient[Document](servers.mongodb_uri, tz_aware=True, w="majority") as client:
        yield client


@pytest.fixture
async def new_ground(servers: RealServers, client: AsyncMongoClient[Document]) -> AsyncIterator[NewGround]:
    """Makes grounds; they are removed afterwards."""
    async with AsyncExitStack() as made:

        async def make(partitions: int = 3) -> Ground:
            ground = Ground(servers.bootstrap_servers, servers.mongodb_uri, partitions=partitions)
            return await made.enter_async_context(prepared(ground, client))

        yield make


@pytest.fixture
async def ground(new_ground: NewGround) -> Ground:
    """One ground, empty."""
    return await new_ground()


@pytest.fixture(scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OwnServers]:
    """Servers that the tests here may kill, and bring back."""
    async with own_servers(tmp_path_factory.mktemp("own")) as own:
        yield own


@asynccontextmanager
async def prepared(ground: Ground, client: AsyncMongoClient[Document]) -> AsyncIterator[Ground]:
    """A ground with its topic and its log's indexes, while the body runs."""
    await create_topics(ground.kafka, [ground.topic, ground.state_topic])
    for store in (ground.store(client), ground.answers(client)):
        await store.prepare()
    yield ground
    async with administering(ground) as admin:
        await admin.delete_topics([ground.topic.name, ground.state_topic.name])
    for store in (ground.store(client), ground.answers(client)):
        await forget(client, store.database.name)
