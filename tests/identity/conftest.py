"""Identity on the real MongoDB and the real Kafka: an empty database for a part of it, and the whole service."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import jwks_router
from chassis.signing_keys import SigningKeys
from deploy.local.secrets import make_secrets
from eventlog.process import open_client
from eventlog.store import Document
from medonline_contracts.topics import IDENTITY_EVENTS
from services.identity.main import Config, build
from tests.identity.gosuslugi import CLIENT_ID, PORTAL, gosuslugi
from tests.identity.world import World
from tests.servers import RealServers, forget
from tests.serving import served
from tests.topics import begin_log_here


@pytest.fixture
async def database(servers: RealServers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database, dropped afterwards."""
    async with open_client(servers.mongodb_uri) as client:
        name = f"test_{uuid4().hex}"
        yield client[name]
        await forget(client, name)


@pytest.fixture(scope="package")
async def world(servers: RealServers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The running service, the stand-in for Gosuslugi, and a settings that publishes its key."""
    folder = tmp_path_factory.mktemp("identity")
    secrets, name = folder / "secrets", f"test_{uuid4().hex}"
    make_secrets(secrets)
    settings_key = SigningKeys(secrets / "settings")
    settings = FastAPI()
    settings.include_router(jwks_router(settings_key))
    async with gosuslugi(secrets, folder) as esia, served(settings) as settings_url:
        config = Config(
            http_port=0,
            secrets_dir=secrets / "identity",
            portal_origin=PORTAL,
            mongodb_uri=servers.database_uri(name),
            kafka_bootstrap_servers=servers.bootstrap_servers,
            esia_url=esia.url,
            esia_client_id=CLIENT_ID,
            settings_url=settings_url,
            attempts_per_address=100_000,
        )
        app = build(config)
        async with (
            AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer,
            open_client(servers.mongodb_uri) as client,
        ):
            await begin_log_here(client[name], servers.kafka, IDENTITY_EVENTS)
            async with app.router.lifespan_context(app):
                yield World(app, config, client[name], esia, settings_key, producer)
            await forget(client, name)
