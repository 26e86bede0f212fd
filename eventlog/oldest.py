"""The oldest: for how long the first record behind an offset is in its topic, found by reading that one record."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

FETCH_SECONDS = 4.0
POLL_MILLISECONDS = 50

Offsets = Mapping[TopicPartition, int]


async def ages_of(consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets) -> dict[TopicPartition, float]:
    """In seconds, of the first record from each start on; left out where there are only marks of transactions.

    The consumer belongs to no group. Raises TimeoutError where Kafka does not hand out the records in time.
    """
    if not starts:
        return {}
    consumer.assign(list(starts))
    try:
        for place, start in starts.items():
            consumer.seek(place, start)
        async with asyncio.timeout(FETCH_SECONDS):
            written = {place: await _written_at(consumer, place, ends[place]) for place in starts}
    finally:
        consumer.unsubscribe()
    now = time.time()
    return {place: max(0.0, now - at) for place, at in written.items() if at is not None}


async def _written_at(consumer: AIOKafkaConsumer, place: TopicPartition, end: int) -> float | None:
    while True:
        found = await consumer.getmany(place, timeout_ms=POLL_MILLISECONDS, max_records=1)
        if records := found.get(place):
            return float(records[0].timestamp) / 1000
        if await consumer.position(place) >= end:
            return None
