"""Local stand, containers: Kafka and MongoDB by testcontainers, where a Docker engine answers.

Untried: no Docker engine was at hand when this was written. A container shares the machine's network, the current user
and the data folder, so everything else (addresses, passwords, configuration) is as with the embedded servers.
"""

import os
from pathlib import Path

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import kafka_answers, new_cluster_id
from deploy.local.kafka_access import access_of
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.kafka_properties import is_formatted, write_properties
from deploy.local.mongo import MongoAccess, mongod_options
from deploy.local.processes import Part, StartFailed
from deploy.local.secrets import KAFKA_ADMIN
from eventlog.access import KafkaAccess


class _Container(Part):
    """One container of `image` that runs `command` and sees the given folders at their own paths."""

    patience = 120.0

    def __init__(self, name: str, image: str, folders: list[Path]):
        self.name = name
        self._image = image
        self._folders = folders
        self._container: DockerContainer | None = None

    def run(self, command: list[str]) -> None:
        for folder in self._folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        container = DockerContainer(self._image)
        container.with_kwargs(network_mode="host", user=f"{os.getuid()}:{os.getgid()}", entrypoint=command)
        for folder in self._folders:
            container.with_volume_mapping(str(folder), str(folder), "rw")
        try:
            self._container = container.start()
        except DockerException as error:
            raise StartFailed(f"Docker could not start {self._image}: {error}") from error

    def alive(self) -> bool:
        return self._container is not None and self._container.status == "running"

    def ask_to_stop(self) -> None:
        if self._container is not None and self.alive():
            self._container.get_wrapped_container().kill(signal="SIGTERM")

    def stop(self, seconds: float) -> None:
        if self._container is not None:
            self._container.get_wrapped_container().stop(timeout=int(seconds))
            self._container.stop()
            self._container = None

    def kill(self) -> None:
        if self._container is not None:
            self._container.stop(force=True)
            self._container = None

    def last_lines(self) -> str:
        if self._container is None:
            return ""
        return b"".join(self._container.get_logs()).decode(errors="replace")[-2000:]


class KafkaContainer(_Container):
    """Apache's own image of the version that runs embedded, with the same configuration."""

    def __init__(self, folder: Path, port: int, controller_port: int, secrets: Path | None = None):
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._folder = folder
        self._ports = (port, controller_port)
        self._secrets = secrets
        super().__init__("Kafka", f"apache/kafka:{KAFKA_VERSION}", [folder, *([secrets] if secrets else [])])

    def start(self) -> None:
        properties = write_properties(self._folder, *self._ports, self._secrets)
        start = f"LOG_DIR=/tmp/logs exec /opt/kafka/bin/kafka-server-start.sh {properties}"
        if not is_formatted(self._folder):
            start = f"/opt/kafka/bin/kafka-storage.sh format -t {new_cluster_id()} -c {properties} && {start}"
        self.run(["bash", "-c", start])

    def ready(self) -> bool:
        return kafka_answers(self._ports[0], self.access(KAFKA_ADMIN))

    def access(self, user: str) -> KafkaAccess:
        return access_of(user, self.bootstrap_servers, self._secrets)


class MongoContainer(_Container):
    """MongoDB's own image, version 8, with the same options as the embedded 6.0."""

    def __init__(self, folder: Path, secrets: Path, port: int):
        self._access = MongoAccess(f"127.0.0.1:{port}", secrets)
        self._options = mongod_options(folder, secrets, port)
        super().__init__("MongoDB", "mongo:8", [folder, secrets])

    def uri(self, user: str) -> str:
        return self._access.uri(user)

    def start(self) -> None:
        self.run(["mongod", *self._options])

    def ready(self) -> bool:
        return self._access.answers()

    def wait(self) -> None:
        super().wait()
        self._access.prepare()
