"""A delivery that remembers, and what stands in a topic for it to be given."""

import asyncio
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from medonline_contracts.topics import Topic
from tests.servers import RealServers


class Collecting:
    """A delivery that remembers what it was given, each batch after a while."""

    def __init__(self, seconds: float = 0) -> None:
        self.values: list[bytes | None] = []
        self.seconds = seconds

    async def deliver(self, records: Sequence[ConsumerRecord]) -> None:
        await asyncio.sleep(self.seconds)
        self.values += [record.value for record in records]

    async def obey(self, topic: str, partition: int, *, begun: bool) -> bool:
        return True

    async def ordered(self) -> Iterable[tuple[str, int]]:
        return ()


async def produce(servers: RealServers, topic: Topic, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        for value in values:
            await producer.send_and_wait(topic.name, value, partition=0)


async def committed(servers: RealServers, group: str, topic: Topic) -> int | None:
    async with AIOKafkaConsumer(bootstrap_servers=servers.bootstrap_servers, group_id=group) as consumer:
        offset: int | None = await consumer.committed(TopicPartition(topic.name, 0))
    return offset
