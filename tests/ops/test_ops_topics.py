"""`ops topics check`: every difference between the contracts and what a broker has, with how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from medonline_contracts.topics import HOSPITAL, IDENTITY_EVENTS, TOPICS, Topic
from ops.acls import Acl, acl_of
from ops.config import SERVICES
from ops.differences import acl_differences, partition_differences
from ops.grants import KEDA, OPERATORS, Grant, Operation, Resource, grants_of
from ops.kafka import Kafka, Partition
from ops.topics import topic_differences
from tests.ops.conftest import World, make
from tests.servers import RealServers

READ_IDENTITY = Grant(Operation.READ, Resource.TOPIC, IDENTITY_EVENTS.name)
DENY, ALTER = 2, 7


@pytest.fixture
async def kafka(world: World) -> AsyncIterator[Kafka]:
    async with world.installation.kafka() as kafka:
        yield kafka


@pytest.fixture
async def admin(servers: RealServers) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    yield admin
    await admin.close()


async def sentences(kafka: Kafka, *topics: Topic, replicas: int | None = None, in_sync: int | None = None) -> list[str]:
    """What differs from these topics; that the broker has others is left out."""
    found = await topic_differences(kafka, topics, replicas, in_sync)
    return [one.sentence for one in found if one.subject in {topic.name for topic in topics}]


async def test_a_broker_that_was_set_up_by_the_contracts_is_as_declared(world: World, kafka: Kafka) -> None:
    assert await sentences(kafka, *TOPICS, replicas=1, in_sync=1) == []
    answer = await world.ops("topics", "check", "--json")
    assert not [one for one in answer.json["differences"] if one["subject"] in {topic.name for topic in TOPICS}]
    assert answer.json["authorizer"] is False


async def test_each_difference_is_told(kafka: Kafka, topic: Topic) -> None:
    wanted = replace(topic, partitions=6, config={"cleanup.policy": "compact,delete", "retention.ms": "1"})
    missing = replace(topic, name="no.such.topic")
    assert await sentences(kafka, wanted, missing, replicas=3, in_sync=2) == [
        "It has 2 partitions, the contracts say 6.",
        "Partition 0 is on 1 brokers, it ought to be on 3.",
        "Partition 1 is on 1 brokers, it ought to be on 3.",
        "cleanup.policy is 'delete', it ought to be 'compact,delete'.",
        "retention.ms is '-1', it ought to be '1'.",
        "min.insync.replicas is '1', it ought to be '2'.",
        "The topic is not there.",
    ]


async def test_the_replicas_that_this_installation_ought_to_have_are_looked_for(world: World) -> None:
    wanted = {"OPS_TOPIC_REPLICAS": "3", "OPS_TOPIC_MIN_IN_SYNC": "2"}
    found = (await world.ops("topics", "check", "--json", **wanted)).json["differences"]
    sentences = {one["sentence"] for one in found}
    assert {"Partition 0 is on 1 brokers, it ought to be on 3.", "min.insync.replicas is '1', it ought to be '2'."} <= (
        sentences
    )
    asked = await world.ops("topics", "check", "--replicas", "1", "--min-in-sync", "1", "--json", **wanted)
    assert (asked.exit, asked.json["differences"]) == (0, [])


async def test_what_would_delete_events_by_their_size_is_found(kafka: Kafka, admin: AIOKafkaAdminClient) -> None:
    topic = replace(IDENTITY_EVENTS, name=f"ops.{uuid4().hex}", partitions=1)
    config = topic.config | {"retention.bytes": "1000000", "max.message.bytes": "2000000"}
    await make(admin, NewTopic(topic.name, 1, 1, topic_configs=config))
    try:
        assert await sentences(kafka, topic) == [
            "retention.bytes is '1000000', it ought to be '-1'.",
            "max.message.bytes is set to '2000000', the contracts say nothing of it.",
        ]
    finally:
        await admin.delete_topics([topic.name])


async def test_a_topic_called_like_ours_that_nobody_declared_is_found(
    world: World, kafka: Kafka, admin: AIOKafkaAdminClient
) -> None:
    name = f"cards.stat.{uuid4().hex}"
    await make(admin, NewTopic(name, 1, 1))
    try:
        answer = await world.ops("topics", "check", "--json")
        text = (await world.ops("topics", "check")).out
    finally:
        await admin.delete_topics([name])
    told = {one["subject"]: one for one in answer.json["differences"]}
    assert (answer.exit, told[name]["sentence"]) == (1, "The contracts know no such topic.")
    assert f"--delete --topic {name}" in " ".join(told[name]["mend"].split())
    assert name[:20] in text


def test_a_broker_that_is_away_is_told_by_the_partition() -> None:
    [found] = partition_differences(replace(IDENTITY_EVENTS, partitions=1), [Partition(0, 3, 2)], replicas=3)
    assert found.sentence == "Partition 0 is current on 2 of 3 brokers."


def declared() -> set[Acl]:
    """Every right of our users, and those of a hospital."""
    users = {**{user: user for user in (*SERVICES, OPERATORS)}, "city-clinic": HOSPITAL}
    return {acl_of(user, grant) for user, role in users.items() for grant in grants_of(user, role)}


def told(there: set[Acl]) -> list[str]:
    return [one.sentence for one in acl_differences(there, TOPICS)]


def test_rights_as_declared_and_those_of_hospitals_and_of_others_are_no_difference() -> None:
    strange = acl_of("billing", Grant(Operation.WRITE, Resource.TOPIC, "billing.events"))
    assert told(declared() | {strange}) == []


@pytest.mark.parametrize("user", [*SERVICES, OPERATORS])
def test_each_right_that_a_user_of_ours_lacks_is_told(user: str) -> None:
    for grant in grants_of(user, user):
        [sentence] = told(declared() - {acl_of(user, grant)})
        assert sentence.startswith(f"Not granted: User:{user} may {grant.operation} on ")


@pytest.mark.parametrize(
    "extra",
    [
        acl_of("cards", Grant(Operation.WRITE, Resource.TOPIC, IDENTITY_EVENTS.name)),
        acl_of("cards", READ_IDENTITY)._replace(permission_type=DENY),
        acl_of("cards", READ_IDENTITY)._replace(host="10.0.0.1"),
        acl_of("cards", Grant(Operation.DESCRIBE, Resource.CLUSTER, "kafka-cluster"))._replace(operation=ALTER),
        acl_of("*", READ_IDENTITY),
        acl_of("city-clinic", Grant(Operation.READ, Resource.TOPIC, "settings.events")),
        acl_of("city-clinic", Grant(Operation.READ, Resource.GROUP, "cards.", prefix=True)),
        acl_of("city-clinic", Grant(Operation.READ, Resource.TOPIC, "*")),
        acl_of("city-clinic", Grant(Operation.WRITE, Resource.TOPIC, "iden", prefix=True)),
        acl_of("city-clinic", Grant(Operation.WRITE, Resource.TRANSACTIONAL_ID, "relay.identity.events")),
        acl_of("admin", READ_IDENTITY),
        acl_of(KEDA, READ_IDENTITY),
    ],
    ids=str,
)
def test_each_right_that_nobody_declared_is_told_with_the_way_to_take_it_back(extra: Acl) -> None:
    [found] = acl_differences(declared() | {extra}, TOPICS)
    assert found.sentence == f"Not declared: {extra}."
    assert found.mend.startswith("kafka-acls.sh --remove --force --")
