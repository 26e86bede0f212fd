import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.mongo import MongoAccess, let_operate
from deploy.local.ports import free_ports
from deploy.local.processes import StartFailed
from deploy.local.secrets import KAFKA_ADMIN, make_secrets
from deploy.local.servers import Servers
from deploy.local.topics import create_topics
from medonline_contracts.topics import CARDS_EVENTS, TOPICS
from tests.servers import started

pytestmark = pytest.mark.servers

Client = MongoClient[dict[str, object]]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of this module alone: it stops and kills them. Embedded ones, whatever the environment offers."""
    with started(Servers(tmp_path_factory.mktemp("own"), free_ports(), {})) as servers:
        yield servers


def test_a_service_reads_and_writes_its_own_database(own: Servers) -> None:
    with Client(own.mongo.uri("cards")) as client:
        client.cards.things.insert_one({"_id": 1})
        with client.start_session() as session, session.start_transaction():
            client.cards.things.insert_one({"_id": 2}, session=session)
        with client.cards.watch() as changes:
            client.cards.things.insert_one({"_id": 3})
            assert changes.next()["documentKey"] == {"_id": 3}


def test_operators_read_the_services_databases_write_what_their_commands_write_and_open_no_other(own: Servers) -> None:
    with Client(own.mongo.uri("ops")) as client:
        for database in ("identity", "cards", "settings"):
            client[database].orders.find_one()
            client[database].parked.delete_many({"order": "none"})
            with pytest.raises(OperationFailure, match="not authorized"):
                client[database].orders.insert_one({})
            with pytest.raises(OperationFailure, match="not authorized"):
                client[database].drop_collection("events")
        with pytest.raises(OperationFailure, match="not authorized"):
            client.portal.things.find_one()
        with pytest.raises(OperationFailure, match="not authorized"):
            client.admin.command("usersInfo")


def test_an_operator_who_was_once_let_write_everything_is_not_after_the_next_start(own: Servers) -> None:
    with Client(own.mongo.uri("root")) as root, Client(own.mongo.uri("ops")) as operator:
        root.admin.command("grantRolesToUser", "ops", roles=[{"role": "readWrite", "db": "identity"}])
        operator.identity.sessions.insert_one({})
        let_operate(root, "ops")
        with pytest.raises(OperationFailure, match="not authorized"):
            operator.identity.sessions.insert_one({})


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.identity.events.find_one(),
        lambda client: client.identity.events.insert_one({}),
        lambda client: client.identity.watch().close(),
        lambda client: client.identity.list_collection_names(),
        lambda client: client.admin.command("usersInfo"),
    ],
    ids=["read", "write", "watch", "list", "users"],
)
def test_a_service_can_open_no_other_database(own: Servers, attempt: Callable[[Client], object]) -> None:
    with Client(own.mongo.uri("cards")) as client, pytest.raises(OperationFailure, match="not authorized"):
        attempt(client)


def test_nobody_gets_in_without_a_password(own: Servers) -> None:
    address = own.mongo.uri("cards").split("@")[1].split("/")[0]
    with Client(address, directConnection=True) as client, pytest.raises(OperationFailure, match="authentication"):
        client.cards.things.find_one()


def test_data_made_with_other_passwords_are_named_as_the_cause(own: Servers, tmp_path: Path) -> None:
    make_secrets(tmp_path)
    address = own.mongo.uri("cards").split("@")[1].split("/")[0]
    with pytest.raises(StartFailed, match="does not know the password"):
        MongoAccess(address, tmp_path / "mongo").prepare()


async def test_the_topics_are_as_the_contracts_declare_them(own: Servers) -> None:
    await create_topics(own.kafka.access(KAFKA_ADMIN), TOPICS)  # the second time: nothing changes
    admin = AIOKafkaAdminClient(bootstrap_servers=own.kafka.bootstrap_servers)
    await admin.start()
    try:
        described = {row["topic"]: row for row in await admin.describe_topics([topic.name for topic in TOPICS])}
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in TOPICS]
        answers = await admin.describe_configs(resources)
    finally:
        await admin.close()
    configured = {row[3]: {entry[0]: entry[1] for entry in row[4]} for answer in answers for row in answer.resources}
    for topic in TOPICS:
        assert len(described[topic.name]["partitions"]) == topic.partitions
        assert topic.config.items() <= configured[topic.name].items()


async def test_what_kafka_and_mongodb_acknowledged_survives_sigkill(own: Servers) -> None:
    async with AIOKafkaProducer(bootstrap_servers=own.kafka.bootstrap_servers, acks="all") as producer:
        await producer.send_and_wait(CARDS_EVENTS.name, b"kept", key=b"key", partition=0)
    with Client(own.mongo.uri("cards")) as client:
        client.cards.kept.insert_one({"_id": "kept"})

    own.kafka.kill()
    own.mongo.kill()
    own.start()
    await asyncio.to_thread(own.wait_for_mongo)
    await asyncio.to_thread(own.wait_for_kafka)

    with Client(own.mongo.uri("cards")) as client:
        assert client.cards.kept.find_one() == {"_id": "kept"}
    async with AIOKafkaConsumer(bootstrap_servers=own.kafka.bootstrap_servers) as consumer:
        partition = TopicPartition(CARDS_EVENTS.name, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        assert (await asyncio.wait_for(consumer.getone(), 20)).value == b"kept"
