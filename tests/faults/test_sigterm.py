"""SIGTERM under load: what is in flight is finished and committed, and the process is gone within 15 seconds."""

from pathlib import Path
from random import Random

from pymongo import AsyncMongoClient

from eventlog.store import Document
from tests.faults.broker import administering
from tests.faults.ground import Ground
from tests.faults.lives import Worker, end, working
from tests.faults.oracle import assert_all_is_well, records_of
from tests.faults.quiet import until_quiet
from tests.faults.writer import Writer


async def test_a_worker_told_to_end_commits_what_it_has_in_hand(
    ground: Ground, client: AsyncMongoClient[Document], tmp_path: Path
) -> None:
    first, second = (Worker(tmp_path, ground, "relay projector reactor") for _ in range(2))
    writer = Writer(ground.store(client), Random(1))
    async with working(first):
        await writer.write(80)
        await writer.write_until(lambda: has_delivered(first))
        await end(first)
        delivered = first.told("delivered")
        assert all(told["done"] for told in delivered)
        assert await committed(ground) == last_of(first)
    async with working(second):
        await until_quiet(ground, client, reactions=True)
    for told in second.told("delivered"):
        partition, offset, _ = told["delivered"]
        assert offset > last_of(first).get(partition, -1), "it was delivered before"
    await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)


async def has_delivered(worker: Worker) -> bool:
    return bool(worker.told("delivered"))


def last_of(worker: Worker) -> dict[int, int]:
    """The last offset of each partition that was in hand."""
    return {told["delivered"][0]: told["delivered"][2] for told in worker.told("delivered")}


async def committed(ground: Ground) -> dict[int, int]:
    """The last record of each partition that is committed for good: behind it a transaction's mark may be, too."""
    async with administering(ground) as admin:
        offsets = await admin.list_consumer_group_offsets(ground.view_group)
    next_ones = {place.partition: found.offset for place, found in offsets.items()}
    records = await records_of(ground)
    return {record.partition: record.offset for record in records if record.offset < next_ones.get(record.partition, 0)}
