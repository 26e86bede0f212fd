"""The contender that FastStream's documentation shows: a handler a message, one update and one commit each."""

import asyncio

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from bench.contenders.by_hand import update_of
from bench.contenders.task import told
from eventlog.process import collect_garbage_rarely, open_client
from medonline_contracts.envelope import Tombstone
from medonline_contracts.wire import parse


async def main() -> None:
    task = told()
    broker = KafkaBroker(task.bootstrap_servers, logger=None)
    async with open_client(task.mongodb_uri) as client:
        cards = client[task.database][task.collection]

        @broker.subscriber(
            task.topic,
            group_id=task.group,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        async def project(message: KafkaMessage) -> None:
            record = message.raw_message
            assert not isinstance(record, tuple)
            envelope = parse(record.key, record.headers, record.value)
            if not isinstance(envelope, Tombstone):
                await cards.update_one(*update_of(envelope), upsert=True)

        await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    collect_garbage_rarely()  # as ours
    asyncio.run(main())
