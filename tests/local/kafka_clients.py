"""What somebody at Kafka may try: to read and to write."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from eventlog.access import KafkaAccess
from medonline_contracts.topics import Topic


async def read(kafka: KafkaAccess, topic: Topic, group: str | None = None) -> bytes | None:
    """The first value of the topic. Raises KafkaError where it may not be read."""
    consumer = AIOKafkaConsumer(
        topic.name, **kafka.options(), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        async with asyncio.timeout(20):
            value: bytes | None = (await consumer.getone()).value
        if group:
            await consumer.commit()
    finally:
        await consumer.stop()
    return value


async def write(kafka: KafkaAccess, topic: Topic) -> None:
    """Raises KafkaError where it may not be written."""
    async with AIOKafkaProducer(**kafka.options(), request_timeout_ms=5_000) as producer:
        await producer.send_and_wait(topic.name, b"forged", key=b"forged")
