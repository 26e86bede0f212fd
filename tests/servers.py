"""The real servers of the tests, each started once for the whole run: Kafka and MongoDB, and the portal on top."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from pymongo import AsyncMongoClient, timeout

from deploy.local.gateway import TRACES_GO_TO
from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from deploy.local.stack import PEOPLE, Stack
from eventlog.access import KafkaAccess
from tests.chromium import find_chromium
from tests.seen.collector import Collector, collecting

CONSENTS = Path(__file__).parents[1] / "services/identity/consents"
QUICK_KEYS = {"SIGNING_KEYS_READ_SECONDS": "0.5", "KEYS_KEPT_SECONDS": "1"}  # a rotation in seconds, not in minutes
MANY = {"ATTEMPTS_PER_ADDRESS": "100000"}  # every test comes from one address


@dataclass(frozen=True, slots=True)
class RealServers:
    """A Kafka with the contracts' topics, and a MongoDB by the user that may do everything."""

    bootstrap_servers: str
    mongodb_uri: str

    @property
    def kafka(self) -> KafkaAccess:
        """Kafka, open to all."""
        return KafkaAccess(self.bootstrap_servers)

    def database_uri(self, name: str) -> str:
        """The same MongoDB and user, opening this database."""
        parts = urlsplit(self.mongodb_uri)
        options = {"authSource": parts.path.strip("/") or "admin", **dict(parse_qsl(parts.query))}
        return parts._replace(path=f"/{name}", query=urlencode(options)).geturl()


async def forget(client: AsyncMongoClient[Any], database: str) -> None:
    """Drop what a test has used; a busy machine takes longer for it than a service may wait."""
    with timeout(60):
        await client.drop_database(database)


@contextmanager
def started(servers: Servers) -> Iterator[Servers]:
    """Both servers while the body runs."""
    try:
        servers.start()
        servers.wait_for_mongo()
        servers.wait_for_kafka()
        yield servers
    finally:
        servers.stop()


@contextmanager
def portal_in(
    folder: Path, chosen: Mapping[str, str], environments: Mapping[str, Mapping[str, str]]
) -> Iterator[Stack]:
    """The whole portal while the body runs, with the demonstration people of its own."""
    people = folder / "people.json"
    people.write_bytes(PEOPLE.read_bytes())
    stack = Stack(folder, free_ports(), chosen, people, environments=environments)
    try:
        stack.start_all()
        yield stack
    finally:
        stack.stop_all()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServers]:
    with started(Servers(tmp_path_factory.mktemp("servers"), free_ports(), os.environ)) as running:
        yield RealServers(running.kafka.bootstrap_servers, running.mongo.uri("root"))


@pytest.fixture(scope="session")
def collected() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, collected: Collector) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("portal")
    consents = shutil.copytree(CONSENTS, folder / "consents")
    environments = dict.fromkeys(("cards", "settings", "portal"), QUICK_KEYS)
    environments |= {"esia": {"ESIA_FAULTS": "1"}, "identity": {"CONSENTS_DIR": str(consents), **MANY, **QUICK_KEYS}}
    with portal_in(folder, {**os.environ, TRACES_GO_TO: collected.url}, environments) as stack:
        yield stack


@pytest.fixture(scope="session")
def browser_path() -> Path:
    path = find_chromium()
    assert path, "no browser: `make brought` brings one"
    return Path(path)
