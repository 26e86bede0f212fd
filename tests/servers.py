"""The real servers of the tests, each started once for the whole run: Kafka and MongoDB, and the portal on top."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from deploy.local.stack import PEOPLE, Stack
from eventlog.access import KafkaAccess
from tests.chromium import find_chromium

CONSENTS = Path(__file__).parents[1] / "services/identity/consents"
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


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServers]:
    running = Servers(tmp_path_factory.mktemp("servers"), free_ports(), os.environ)
    try:
        running.start()
        running.wait_for_mongo()
        running.wait_for_kafka()
        yield RealServers(running.kafka.bootstrap_servers, running.mongo.uri("root"))
    finally:
        running.stop()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("portal")
    people = folder / "people.json"
    people.write_bytes(PEOPLE.read_bytes())
    consents = shutil.copytree(CONSENTS, folder / "consents")
    environments = {"esia": {"ESIA_FAULTS": "1"}, "identity": {"CONSENTS_DIR": str(consents), **MANY}}
    stack = Stack(folder, free_ports(), os.environ, people, environments=environments)
    try:
        stack.start_all()
        yield stack
    finally:
        stack.stop_all()


@pytest.fixture(scope="session")
def browser_path() -> Path:
    path = find_chromium()
    assert path, "no browser: `make browser` brings one"
    return Path(path)
