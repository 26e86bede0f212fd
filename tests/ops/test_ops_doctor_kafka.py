"""The doctor on Kafka: topics that are not as the contracts say, and groups that do not get on."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.local.mongo import MongoServer
from deploy.local.ports import free_ports
from deploy.local.secrets import make_secrets
from medonline_contracts.topics import IDENTITY_EVENTS, Topic
from ops.doctor_kafka import group_findings, missing_group_findings, topic_findings
from ops.findings import Bounds, Code, Finding
from ops.kafka import Kafka
from ops.lag import groups_of, lags_of
from tests.eventlog.records import Record
from tests.ops.conftest import Publisher, World, call
from tests.servers import RealServers

PAGE = (Path(__file__).parents[2] / "docs/operations/doctor.md").read_text()


@pytest.fixture
async def kafka(world: World) -> AsyncIterator[Kafka]:
    async with world.installation.kafka() as kafka:
        yield kafka


async def group(publisher: Publisher, name: str, committed: int | None) -> AIOKafkaConsumer:
    """A member of the group, started; it has committed this offset."""
    consumer = AIOKafkaConsumer(
        publisher.topic.name,
        bootstrap_servers=publisher.producer.client._bootstrap_servers,
        group_id=name,
        enable_auto_commit=False,
    )
    await consumer.start()
    if committed is not None:
        await consumer.commit({TopicPartition(publisher.topic.name, 0): committed})
    return consumer


async def findings(kafka: Kafka, name: str, building: bool = False, lag: int = 1) -> set[Code]:
    """What is wrong with one group."""
    groups = await groups_of(kafka, [name])
    lags = await lags_of(kafka, groups)
    return {finding.code for finding in group_findings(groups, lags, {name} if building else set(), Bounds(lag=lag))}


def codes(found: list[Finding]) -> list[tuple[Code, str]]:
    """Codes and sentences."""
    return [(finding.code, finding.sentence) for finding in found]


async def test_topics_are_compared_with_the_contracts(kafka: Kafka, topic: Topic) -> None:
    assert await topic_findings(kafka, [topic, IDENTITY_EVENTS]) == []
    wanted = replace(topic, partitions=6, config={"cleanup.policy": "compact,delete", "retention.ms": "-1"})
    missing = replace(topic, name="no.such.topic")
    assert codes(await topic_findings(kafka, [wanted, missing])) == [
        (Code.TOPIC_PARTITIONS, "It has 2 partitions, the contracts say 6."),
        (Code.TOPIC_CONFIG, "cleanup.policy is 'delete', the contracts say 'compact,delete'."),
        (Code.TOPIC_MISSING, "The topic is not there."),
    ]


async def test_a_group_that_keeps_up_is_no_finding_and_one_that_lags_is(
    kafka: Kafka, publisher: Publisher, world: World
) -> None:
    await publisher.publish(*[Record(b"stream", b"{}", [])] * 5)
    member = await group(publisher, world.group(), committed=5)
    try:
        assert await findings(kafka, world.group()) == set()
        await member.commit({TopicPartition(publisher.topic.name, 0): 2})
        assert await findings(kafka, world.group()) == {Code.GROUP_LAG}
        assert await findings(kafka, world.group(), lag=3) == set()
        assert await findings(kafka, world.group(), building=True) == set(), "who builds is behind"
    finally:
        await member.stop()
    assert await findings(kafka, world.group()) == {Code.GROUP_EMPTY}


async def test_a_group_of_no_code_is_deleted_as_the_page_says(kafka: Kafka, publisher: Publisher, world: World) -> None:
    member = await group(publisher, world.group(), committed=0)
    await member.stop()
    assert world.group() in await kafka.group_names()
    (line,) = re.findall(r"`ops (group delete GROUP [^`]+)`", PAGE)
    deleted = await world.ops(*line.replace("GROUP", world.group()).replace("…", "ticket").split(), "--json")
    assert (deleted.exit, deleted.json["kept"]) == (0, True)
    assert world.group() not in await kafka.group_names()


@pytest.mark.parametrize("committed", [1, 9], ids=["deleted", "never there"])
async def test_a_group_whose_history_is_lost_is_found(
    kafka: Kafka, publisher: Publisher, world: World, servers: RealServers, committed: int
) -> None:
    await publisher.publish(*[Record(b"stream", b"{}", [])] * 5)
    member = await group(publisher, world.group(), committed)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(publisher.topic.name, 0): RecordsToDelete(3)})
        assert Code.HISTORY_LOST in await findings(kafka, world.group())
        [lag, _] = await lags_of(kafka, await groups_of(kafka, [world.group()]))
        assert lag.lost
    finally:
        await admin.close()
        await member.stop()


async def test_a_service_that_does_not_read_what_the_contracts_say_it_reads_is_found(
    kafka: Kafka, publisher: Publisher, world: World
) -> None:
    topic = replace(publisher.topic, consumers=("cards", "settings"))
    member = await group(publisher, world.group("cards"), committed=None)
    try:
        groups = await groups_of(kafka, [world.group("cards"), world.group("settings")])
        found = list(missing_group_findings([topic], groups))
    finally:
        await member.stop()
    assert codes(found) == [(Code.GROUP_MISSING, f"No group of settings has ever read {topic.name}.")]


@pytest.mark.servers
def test_a_mongodb_without_a_primary_is_told_apart_from_one_that_is_away(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    own = MongoServer(tmp_path / "data", tmp_path / "mongo", tmp_path / "mongo.log", free_ports().mongod)
    own.start()  # and never made a replica set
    try:
        while not own.ready():
            assert own.alive()
        answer = call("doctor", "--json", MONGODB_URI=own.uri("ops"), KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    finally:
        own.kill()
    assert answer.exit == 3
    assert Code.MONGODB_NO_PRIMARY in {finding["code"] for finding in answer.json["findings"]}
