"""What stands in topics, read from their beginning to their present end behind everybody's back."""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.access import KafkaAccess
from eventlog.seal import PLACES
from eventlog.store import Document
from eventlog.tail import open_tail
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


async def begin_log_here(database: AsyncDatabase[Document], kafka: KafkaAccess, topic: Topic) -> None:
    """Let an empty log go to a topic that others have filled: as if its relay had come to the end of it."""
    async with open_tail(kafka, topic) as tail:
        reached = {str(number): end for number, end in (await tail.ends()).items()}
    await database[PLACES].update_one({"_id": topic.name}, {"$set": {"next": reached}}, upsert=True)
