"""Local stand, servers: which Kafka and which MongoDB are used, and both of them brought up side by side.

`KAFKA_BOOTSTRAP_SERVERS` and `MONGODB_URI`, where set, win; then Docker, where an engine answers; otherwise the
embedded servers, which need nothing installed. With `KAFKA_USERS=1` the Kafka that is started here asks who comes, and
everybody may do there what the contracts say and nothing more.
"""

import asyncio
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aiokafka.errors import KafkaError

from deploy.local.elsewhere import GivenKafka, GivenMongo
from deploy.local.kafka import KafkaServer
from deploy.local.mongo import MongoServer
from deploy.local.ports import Ports
from deploy.local.processes import REPOSITORY, StartFailed, stop_together
from deploy.local.secrets import KAFKA_ADMIN, make_secrets
from deploy.local.topics import create_topics
from medonline_contracts.topics import TOPICS

if TYPE_CHECKING:  # Docker's client is brought in only where there is a Docker
    from deploy.local.containers import KafkaContainer, MongoContainer

Kafka: TypeAlias = "KafkaServer | KafkaContainer | GivenKafka"
Mongo: TypeAlias = "MongoServer | MongoContainer | GivenMongo"

CACHE = REPOSITORY / ".local" / "cache"  # downloads, shared by `make run` and the tests


class Servers:
    """A Kafka with the contracts' topics and a MongoDB with the services' users; data and logs are in `folder`."""

    def __init__(self, folder: Path, ports: Ports, environment: Mapping[str, str]):
        self._secrets = folder / "secrets"
        docker = _docker_answers()
        self._kafka_secrets = folder / "secrets/kafka" if environment.get("KAFKA_USERS") == "1" else None
        self.kafka = _choose_kafka(folder, ports, environment, docker, self._kafka_secrets)
        self.mongo = _choose_mongo(folder, ports, environment, docker)

    @property
    def unused_ports(self) -> set[str]:
        """The names of the ports that stay unused because a server runs elsewhere."""
        kafka = {"kafka", "kafka_controller"} if isinstance(self.kafka, GivenKafka) else set()
        return kafka | ({"mongod"} if isinstance(self.mongo, GivenMongo) else set())

    def start(self) -> None:
        """Begin; returns before they are healthy. Raises StartFailed."""
        make_secrets(self._secrets)
        self.mongo.start()
        self.kafka.start()

    def wait_for_mongo(self) -> None:
        """Return when MongoDB knows the services' users. Raises StartFailed."""
        self.mongo.wait()

    def wait_for_kafka(self) -> None:
        """Return when Kafka has the topics. Raises StartFailed."""
        self.kafka.wait()
        try:
            asyncio.run(self._prepare_kafka())
        except KafkaError as error:
            raise StartFailed(f"Kafka did not create the topics or users ({error}); look into its log.") from error

    def stop(self) -> None:
        stop_together([self.kafka, self.mongo], seconds=6)

    async def _prepare_kafka(self) -> None:
        admin = self.kafka.access(KAFKA_ADMIN)
        await create_topics(admin, TOPICS)
        if self._kafka_secrets:
            from deploy.local.kafka_users import prepare_users  # most starts need it not, nor what it brings in

            await prepare_users(admin, self._kafka_secrets)


def _choose_kafka(
    folder: Path, ports: Ports, environment: Mapping[str, str], docker: bool, secrets: Path | None
) -> Kafka:
    data = folder / "data/kafka"
    if given := environment.get("KAFKA_BOOTSTRAP_SERVERS"):
        if secrets:
            raise StartFailed(
                "KAFKA_USERS=1 is for a Kafka that is started here: unset it, or KAFKA_BOOTSTRAP_SERVERS."
            )
        return GivenKafka(given)
    if docker:
        from deploy.local.containers import KafkaContainer

        return KafkaContainer(data, ports.kafka, ports.kafka_controller, secrets)
    return KafkaServer(data, CACHE, folder / "logs/kafka.log", ports.kafka, ports.kafka_controller, secrets)


def _choose_mongo(folder: Path, ports: Ports, environment: Mapping[str, str], docker: bool) -> Mongo:
    data, secrets = folder / "data/mongo", folder / "secrets/mongo"
    if given := environment.get("MONGODB_URI"):
        return GivenMongo(given)
    if docker:
        from deploy.local.containers import MongoContainer

        # A folder of its own: version 8 does not open what 6.0 has written.
        return MongoContainer(folder / "data/mongo-8", secrets, ports.mongod)
    return MongoServer(data, secrets, folder / "logs/mongo.log", ports.mongod)


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=3).returncode == 0
    except subprocess.TimeoutExpired:
        return False
