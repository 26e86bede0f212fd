"""The ground of a measurement: a Kafka and a MongoDB of its own in a temporary folder, and a view to look into."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from eventlog.process import open_client
from eventlog.projection import create_collection
from eventlog.store import Document

DATABASE = "bench"
CACHE_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the contenders meet; `database` is MongoDB's, opened by the user that may do everything."""

    folder: Path
    bootstrap_servers: str
    mongodb_uri: str
    database: AsyncDatabase[Document]

    async def view(self, name: str) -> AsyncCollection[Document]:
        """An empty collection, made as a service makes it, for whoever writes it."""
        await create_collection(self.database, name)
        return self.database[name]


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Start both servers, and end them afterwards. MongoDB gets room for a million cards in its cache."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        servers = Servers(Path(folder), free_ports(), os.environ)
        try:
            await asyncio.to_thread(_bring_up, servers)
            uri = servers.mongo.uri("root")
            async with open_client(uri) as client:
                await client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=f"cache_size={CACHE_BYTES}")
                yield Ground(Path(folder), servers.kafka.bootstrap_servers, uri, client[DATABASE])
        finally:
            await asyncio.to_thread(servers.stop)


def _bring_up(servers: Servers) -> None:
    servers.start()
    servers.wait_for_mongo()
    servers.wait_for_kafka()
