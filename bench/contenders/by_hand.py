"""The contender that people write by hand: aiokafka, Pydantic, one guarded update an event, one bulk a poll."""

import asyncio

from aiokafka import AIOKafkaConsumer
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from bench.contenders.task import told
from eventlog.listener import PARTITION_FETCH_BYTES
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.store import Document
from medonline_contracts.cards import PatientCardAdded, PatientCardCorrected
from medonline_contracts.envelope import Envelope, Event, Tombstone
from medonline_contracts.wire import parse

RECORDS_AT_ONCE = 2_000


def update_of(envelope: Envelope[Event]) -> tuple[Document, list[Document]]:
    """Filter and update of the event's card, unless it already has a newer event: the guard that our projector has."""
    event = envelope.event
    assert isinstance(event, PatientCardAdded | PatientCardCorrected)
    stated = {
        **event.model_dump(mode="json", include={"relation", "person"}),
        "changed_at": envelope.time,
        "version": envelope.version,
    }
    newer = {"$gt": [envelope.version, {"$ifNull": ["$stated.version", 0]}]}
    guarded = {"$cond": [newer, {"$literal": stated}, "$stated"]}
    return {"_id": envelope.stream_id}, [{"$set": {"stated": guarded, "account_id": event.account_id}}]


async def read_into(cards: AsyncCollection[Document], consumer: AIOKafkaConsumer) -> None:
    """Poll, validate, write, commit, over and over."""
    while True:
        batches = await consumer.getmany(timeout_ms=200, max_records=RECORDS_AT_ONCE)
        records = [record for batch in batches.values() for record in batch]
        envelopes = [parse(record.key, record.headers, record.value) for record in records]
        updates = [UpdateOne(*update_of(e), upsert=True) for e in envelopes if not isinstance(e, Tombstone)]
        if updates:
            await cards.bulk_write(updates, ordered=False)
            await consumer.commit()


async def main() -> None:
    task = told()
    consumer = AIOKafkaConsumer(
        task.topic,
        bootstrap_servers=task.bootstrap_servers,
        group_id=task.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
    )
    async with open_client(task.mongodb_uri) as client, consumer:
        await read_into(client[task.database][task.collection], consumer)


if __name__ == "__main__":
    collect_garbage_rarely()  # as ours
    asyncio.run(main())
