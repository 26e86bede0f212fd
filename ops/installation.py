"""Ops, installation: the databases, the broker and the services that one call of the command line looks at."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import InvalidName

from eventlog.access import KafkaAccess
from eventlog.process import open_client
from eventlog.store import Document
from medonline_contracts.topics import TOPICS, Topic
from ops.config import RECORDS_DATABASE, Config
from ops.kafka import Kafka, open_kafka
from ops.problem import Exit, Problem, of_kafka


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that can be asked; `databases` are by service, `urls` too; `operator`: who asks, if said."""

    client: AsyncMongoClient[Document]
    databases: Mapping[str, AsyncDatabase[Document]]
    kafka_access: KafkaAccess
    urls: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[Topic, ...] = TOPICS
    records_database: str = RECORDS_DATABASE
    operator: str | None = None
    secrets_dir: Path | None = None
    metrics_port: int | None = None
    topic_replicas: int | None = None
    topic_min_in_sync: int | None = None

    @property
    def records(self) -> AsyncDatabase[Document]:
        """Where it is recorded who did what and why."""
        return self.client[self.records_database]

    @asynccontextmanager
    async def kafka(self) -> AsyncIterator[Kafka]:
        """The broker. Raises Problem where it does not answer."""
        try:
            async with open_kafka(self.kafka_access) as kafka:
                yield kafka
        except (KafkaError, OSError, TimeoutError) as error:
            raise of_kafka(error) from error

    def is_ours(self, group: str) -> bool:
        """Whether the group is one of our services': its name begins with the service's."""
        return group.split(".")[0] in self.databases

    def ours(self, groups: Iterable[str]) -> list[str]:
        """Those of the groups that are our services'."""
        return [group for group in groups if self.is_ours(group)]


@asynccontextmanager
async def open_installation(config: Config) -> AsyncIterator[Installation]:
    """Connects to nothing yet. Raises Problem where an address or a name is none, or the record's is a service's."""
    if not config.keeps_records_apart():
        raise Problem(Exit.USAGE, "OPS_RECORDS_DATABASE is a service's database: records have one of their own.")
    try:
        client = open_client(config.mongodb_uri)
        databases = {service: client[name] for service, name in config.databases().items()}
        client[config.ops_records_database]  # raises where this is no name
    except (ValueError, OSError, InvalidName) as error:  # its text may quote the password
        sentence = (
            "MONGODB_URI, OPS_DATABASES or OPS_RECORDS_DATABASE is not as it ought to be, or a file that it names is "
            "missing."
        )
        raise Problem(Exit.USAGE, sentence) from error
    async with client:
        yield Installation(
            client,
            databases,
            config.kafka,
            config.ops_service_urls,
            records_database=config.ops_records_database,
            operator=config.ops_operator,
            secrets_dir=config.ops_secrets_dir,
            metrics_port=config.metrics_port,
            topic_replicas=config.ops_topic_replicas,
            topic_min_in_sync=config.ops_topic_min_in_sync,
        )


async def mongodb_clock(database: AsyncDatabase[Document]) -> datetime:
    """What time it is for MongoDB. Raises PyMongoError."""
    answer = await database.command("hello", codec_options=database.codec_options)
    now: datetime = answer["localTime"]
    return now
