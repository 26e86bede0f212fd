"""What stands in topics, read from their beginning to their present end behind everybody's back."""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from eventlog.access import KafkaAccess
from medonline_contracts.topics import Topic


async def records_in(kafka: KafkaAccess, topics: Iterable[Topic], *, committed: bool = True) -> list[ConsumerRecord]:
    """The records of these topics, each partition in its order; `committed=False`: of aborted transactions too."""
    level = "read_committed" if committed else "read_uncommitted"
    places = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    found: list[ConsumerRecord] = []
    async with AIOKafkaConsumer(**kafka.options(), isolation_level=level) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
    return found
