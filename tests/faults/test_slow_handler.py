"""A handler that is slower than a poll may take: what waits behind it is not brought in without end."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from pymongo import AsyncMongoClient

from eventlog.delivery import Delivery
from eventlog.listener import PARTITION_FETCH_BYTES, Listener
from eventlog.parking import Parking
from eventlog.process import background
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import until
from tests.eventlog.records import Record
from tests.faults.arrivals import arriving, send, stream_of
from tests.faults.ground import Ground

MEGABYTE = 1 << 20
BACKLOG_MEGABYTES = 90
TEXT_BYTES = 100_000
SLOW_SECONDS = 10.0


@pytest.mark.long
async def test_memory_stays_bounded_behind_a_slow_handler(ground: Ground, client: AsyncMongoClient[Document]) -> None:
    for partition in range(ground.partitions):
        await send(ground, large(partition, BACKLOG_MEGABYTES * MEGABYTE // TEXT_BYTES // ground.partitions))
    taken: list[int] = []

    async def apply(envelopes: Iterable[Envelope[Event]]) -> None:
        taken.append(len(list(envelopes)))
        await asyncio.sleep(SLOW_SECONDS)

    async def all_lanes_are_busy() -> bool:
        return len(taken) >= ground.partitions

    before = resident_megabytes()
    delivery = Delivery(Parking(client[ground.name], ground.view_group), apply)
    async with background(supervise(Listener(ground.kafka, ground.view_group, [ground.topic], delivery), Looks())):
        await until(all_lanes_are_busy)
        await asyncio.sleep(SLOW_SECONDS / 2)
        # Of each partition one fetch is in hand and one waits; the raw bytes, and once more what was made of them.
        at_most = ground.partitions * 2 * 2 * PARTITION_FETCH_BYTES // MEGABYTE + 30
        assert at_most < BACKLOG_MEGABYTES
        assert resident_megabytes() - before < at_most


def large(partition: int, count: int) -> list[Record]:
    """Events that do not compress well."""
    random = Random(partition)
    records = arriving(stream_of(f"{partition}.left", range(100, 100 + count)), partition)
    for record in records:
        text = random.randbytes(TEXT_BYTES // 2).hex()
        record.value = f'{{"account_id": "{text}", "credential_version": 1}}'.encode()
    return records


def resident_megabytes() -> int:
    """What this process takes of the machine's memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // MEGABYTE
