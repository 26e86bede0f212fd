"""Servers of our own, to be killed, filled and cut off: a Kafka and a MongoDB, each behind a proxy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.kafka import KafkaServer
from deploy.local.mongo import MongoServer
from deploy.local.ports import free_ports
from deploy.local.processes import Part, Process, stop_together
from deploy.local.secrets import make_secrets
from deploy.local.servers import CACHE
from tests.faults.ground import Ground
from tests.faults.proxy import Proxy, through


class _Advertising(Process):
    """Tells whoever asks the broker to come to this port from then on."""

    advertised: int

    def start(self) -> None:
        self._command += ["--override", f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.advertised}"]
        super().start()


class ProxiedKafka(KafkaServer, _Advertising):
    """A broker that is reached through a proxy."""


@dataclass(frozen=True, slots=True)
class OwnServers:
    """Both servers and the way to each."""

    kafka: ProxiedKafka
    mongo: MongoServer
    to_kafka: Proxy
    to_mongo: Proxy

    def ground(self) -> Ground:
        """A new ground; Kafka is reached through the proxy, MongoDB directly."""
        return Ground(f"127.0.0.1:{self.to_kafka.port}", self.mongo.uri("root"))

    @property
    def proxied_mongodb_uri(self) -> str:
        """MongoDB through the proxy."""
        return through(self.to_mongo, self.mongo.uri("root"))


@asynccontextmanager
async def own_servers(folder: Path, kafka: Path | None = None, mongo: Path | None = None) -> AsyncIterator[OwnServers]:
    """Bring them up; their data may be put elsewhere."""
    ports, secrets = free_ports(), folder / "secrets"
    make_secrets(secrets)
    async with AsyncExitStack() as proxies:
        to_kafka = await proxies.enter_async_context(Proxy(ports.kafka).listening())
        to_mongo = await proxies.enter_async_context(Proxy(ports.mongod).listening())
        broker = ProxiedKafka(
            kafka or folder / "kafka", CACHE, folder / "kafka.log", ports.kafka, ports.kafka_controller
        )
        broker.advertised = to_kafka.port
        database = MongoServer(mongo or folder / "mongo", secrets / "mongo", folder / "mongo.log", ports.mongod)
        try:
            await asyncio.gather(bring_up(broker), bring_up(database))
            yield OwnServers(broker, database, to_kafka, to_mongo)
        finally:
            await asyncio.to_thread(stop_together, [broker, database], 6)


async def bring_up(server: Part) -> None:
    """Start it, and return when it is healthy."""
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.wait)
