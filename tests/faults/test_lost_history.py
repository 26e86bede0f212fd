"""Retention has overtaken a group, or a topic is missing: nothing is passed over, and the log says what to do."""

from pathlib import Path
from random import Random

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from pymongo import AsyncMongoClient

from deploy.local.topics import create_topics
from eventlog.store import Document
from tests.eventlog.conftest import until
from tests.faults.broker import administering
from tests.faults.ground import ROWS, Ground
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well
from tests.faults.quiet import until_quiet
from tests.faults.writer import Writer


async def test_a_missing_topic_is_named_and_all_goes_on_once_it_is_there(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path
) -> None:
    async with administering(ground) as admin:
        await admin.delete_topics([ground.topic.name])
    writer = Writer(ground.store(client), Random(1))
    worker = Worker(tmp_path, ground, "relay projector")
    async with working(worker):
        await writer.write(5)
        await until(lambda: says(worker, f"{ground.topic.name}: create it with the contracts' partitions"))
        assert not worker.healthy()
        await create_topics(ground.kafka, [ground.topic])
        await until_quiet(ground, client)
    await assert_all_is_well(ground, client, writer.acknowledged)


async def test_a_group_that_retention_has_overtaken_stands_still_and_says_how_to_go_on(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path
) -> None:
    writer = Writer(ground.store(client), Random(1))
    async with working(Worker(tmp_path, ground, "relay projector")):
        await writer.write(20)
        await until_quiet(ground, client)
    async with working(Worker(tmp_path, ground, "relay")):
        await writer.write(20)
        await until_quiet(ground, client, view=False)
    seen = await client[ground.name][ROWS].count_documents({})
    async with administering(ground) as admin:
        everything = RecordsToDelete(before_offset=-1)
        places = [TopicPartition(ground.topic.name, number) for number in range(ground.partitions)]
        await admin.delete_records(dict.fromkeys(places, everything))
    worker = Worker(tmp_path, ground, "projector")
    async with working(worker):
        await until(lambda: says(worker, "Bring the events back, then rebuild this group's projections"))
        assert not worker.healthy()
    assert await client[ground.name][ROWS].count_documents({}) == seen


async def says(worker: Worker, what: str) -> bool:
    return what in worker.log.read_text()
