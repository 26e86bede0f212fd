"""What the tests of the command line share: databases and a topic of their own, and the calling of `ops` itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from structlog.testing import capture_logs
from typer.testing import CliRunner

from eventlog.process import open_client
from eventlog.store import Document
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic
from ops.config import SERVICES, Config
from ops.installation import Installation, open_installation
from ops.kafka import Kafka
from ops.main import app
from ops.rights import Privilege, privileges, privileges_of_record, privileges_to_rewrite
from tests.eventlog.records import Record
from tests.servers import RealServers, forget

YES = ("--yes", "--reason", "a test")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of `ops` came to."""

    exit: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        """The one document that `--json` promises."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class World:
    """Empty databases for the services on the real servers; groups are told apart by `mark`.

    `night` is the address of an operator who may rewrite logs besides; the one in `environment` may not.
    """

    databases: dict[str, AsyncDatabase[Document]]
    installation: Installation
    environment: dict[str, str]
    mark: str
    night: str

    async def ops(self, *arguments: str, **environment: str) -> Answer:
        """Call the command line, as from a shell with this environment."""
        return await asyncio.to_thread(call, *arguments, **(self.environment | environment))

    def group(self, service: str = "cards") -> str:
        """The name of a group of a service."""
        return f"{service}.{self.mark}"


def call(*arguments: str, **environment: str) -> Answer:
    """Call the command line with this environment."""
    result = CliRunner().invoke(app, list(arguments), env=environment)
    return Answer(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The services' parts that run beside a test log elsewhere than into the answers."""
    with capture_logs():
        yield


@pytest.fixture
async def world(servers: RealServers) -> AsyncIterator[World]:
    """Nothing has happened yet."""
    mark = uuid4().hex
    names = {service: f"ops_{mark}_{service}" for service in SERVICES}
    async with open_client(servers.mongodb_uri) as client:
        databases = {service: client[name] for service, name in names.items()}
        usual = [*privileges(names), *privileges_of_record(f"ops_{mark}")]
        uri = await _operator(client, servers, names, f"ops_{mark}", usual)
        night = await _operator(client, servers, names, f"night_{mark}", usual + privileges_to_rewrite(names))
        yield World(
            databases,
            Installation(client, databases, servers.kafka, records_database=f"ops_{mark}"),
            {
                "MONGODB_URI": uri,
                "KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap_servers,
                "OPS_DATABASES": json.dumps(names),
                "OPS_RECORDS_DATABASE": f"ops_{mark}",
            },
            mark,
            night,
        )
        for name in (*names.values(), f"ops_{mark}"):
            await forget(client, name)
        for name in (f"ops_{mark}", f"night_{mark}"):
            await client["admin"].command("dropUser", name)
            await client["admin"].command("dropRole", name)


@pytest.fixture
async def at_night(world: World) -> AsyncIterator[Installation]:
    """The same, as the operator has it who may rewrite logs."""
    async with open_client(world.night) as client:
        databases = {service: client[database.name] for service, database in world.databases.items()}
        yield replace(world.installation, client=client, databases=databases)


async def _operator(
    client: AsyncMongoClient[Document],
    servers: RealServers,
    databases: dict[str, str],
    name: str,
    may: list[Privilege],
) -> str:
    """As whom the command line is called: a user with the rights of an operator in these databases, and no other."""
    password = uuid4().hex
    reads = [{"role": "read", "db": database} for database in databases.values()]
    await client["admin"].command("createRole", name, privileges=may, roles=reads)
    await client["admin"].command("createUser", name, pwd=password, roles=[name])
    parts = urlsplit(servers.database_uri("admin"))
    options = urlencode({**dict(parse_qsl(parts.query)), "authSource": "admin"})
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{name}:{password}@{address}", query=options).geturl()


async def make(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    """Return when the broker knows it."""
    await admin.create_topics([topic])
    async with asyncio.timeout(10):
        while topic.name not in await admin.list_topics():
            await asyncio.sleep(0.05)


@pytest.fixture
async def topic(servers: RealServers) -> AsyncIterator[Topic]:
    """An empty topic of two partitions, deleted afterwards."""
    topic = Topic(f"ops.{uuid4().hex}", "stream", "identity", (), (PasswordChanged,), partitions=2)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        await make(admin, NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config)))
        yield topic
        await admin.delete_topics([topic.name])
    finally:
        await admin.close()


@pytest.fixture
def declare(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Called with topics: the command line knows these and no others, and no group but those of this test."""
    group_names = Kafka.group_names

    async def marked(kafka: Kafka) -> list[str]:
        return [name for name in await group_names(kafka) if world.mark in name]

    def of_these(*topics: Topic) -> None:
        @asynccontextmanager
        async def opened(config: Config) -> AsyncIterator[Installation]:
            async with open_installation(config) as installation:
                yield replace(installation, topics=topics)

        monkeypatch.setattr("ops.output.open_installation", opened)
        monkeypatch.setattr(Kafka, "group_names", marked)

    return of_these


@dataclass(frozen=True, slots=True)
class Publisher:
    """Puts records on the topic, into its first partition."""

    producer: AIOKafkaProducer
    topic: Topic

    async def publish(self, *records: Record) -> None:
        """In this order."""
        for record in records:
            await self.producer.send_and_wait(
                self.topic.name, record.value, key=record.key, headers=list(record.headers), partition=0
            )


@pytest.fixture
async def publisher(servers: RealServers, topic: Topic) -> AsyncIterator[Publisher]:
    """On the topic of this test."""
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        yield Publisher(producer, topic)
