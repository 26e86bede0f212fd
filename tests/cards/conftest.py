"""The patient cards on the real MongoDB and the real Kafka: an empty database, and the service as `main` builds it."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import SigningKey
from eventlog.process import open_client
from eventlog.store import Document
from medonline_contracts.topics import CARDS_EVENTS
from services.cards.main import Config, build
from tests.cards.erasing import Cards
from tests.cards.world import World, identity_at
from tests.readiness import until_ready
from tests.servers import RealServers, forget
from tests.topics import begin_log_here


@pytest.fixture
async def database(servers: RealServers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database, dropped afterwards."""
    async with open_client(servers.mongodb_uri) as client:
        name = f"test_{uuid4().hex}"
        yield client[name]
        await forget(client, name)


@pytest.fixture(scope="module")
async def world(servers: RealServers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The running service, an identity that signs tokens, and Gosuslugi's word put on the bus by hand."""
    key = SigningKey(Ed25519PrivateKey.generate())
    secrets_dir = tmp_path_factory.mktemp("secrets")
    (secrets_dir / "hash.key").write_text(secrets.token_hex(32))
    name = f"test_{uuid4().hex}"
    async with identity_at(key) as identity_url:
        config = Config(
            http_port=0,
            portal_origin="http://localhost:8080",
            secrets_dir=secrets_dir,
            mongodb_uri=servers.database_uri(name),
            kafka_bootstrap_servers=servers.bootstrap_servers,
            identity_url=identity_url,
        )
        app = build(config)
        async with (
            AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer,
            open_client(servers.mongodb_uri) as client,
        ):
            await begin_log_here(client[name], servers.kafka, CARDS_EVENTS)
            async with app.router.lifespan_context(app):
                await until_ready(app)
                yield World(app, key, producer, client[name])
        async with open_client(servers.mongodb_uri) as client:
            await forget(client, name)


@pytest.fixture
async def cards(database: AsyncDatabase[Document]) -> Cards:
    """Commands and timers on an empty log."""
    cards = Cards(database)
    await cards.store.prepare()
    await cards.erasures.prepare()
    return cards
