"""The lags: how far consumer groups are behind their topics, in records and in seconds, as Kafka knows it.

Asked by clients that belong to no group, so that it is known too of a group whose members hang, or of which there are
none. A group is behind by what it has not committed, and by the time that the oldest record of that is in the topic.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from eventlog.access import KafkaAccess
from eventlog.measures import LAG_EVENTS, LAG_SECONDS, Measured, Row
from eventlog.oldest import Offsets, ages_of

REQUEST_MILLISECONDS = 6_000
FETCH_BYTES = 64 << 10  # one record is wanted; Kafka hands out no less than the batch that it is in

Groups = Mapping[str, Sequence[str]]
"""Consumer groups, each with the topics that it reads."""


class CoordinatorSilent(Exception):
    """The group's coordinator did not say how far the group has come: it is just changing, for instance."""


class Lags:
    """Of the groups that `groups` names when asked."""

    gauges = (LAG_EVENTS, LAG_SECONDS)

    def __init__(self, kafka: KafkaAccess, groups: Callable[[], Groups]) -> None:
        self._kafka = kafka
        self._groups = groups
        self._clients: tuple[AIOKafkaAdminClient, AIOKafkaConsumer] | None = None

    async def measure(self) -> Measured:
        """Of a topic that is not there nothing is said.

        Raises KafkaError, OSError, TimeoutError or `CoordinatorSilent`; the next time other connections are opened.
        """
        try:
            return await self._measure()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connections; they are opened again where need be."""
        clients, self._clients = self._clients, None
        for client in clients or ():
            with suppress(KafkaError, OSError, TimeoutError):
                await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())

    async def _measure(self) -> Measured:
        events: dict[Row, float] = {}
        seconds: dict[Row, float] = {}
        groups = self._groups()
        admin, consumer = await self._connected()
        ends = await _ends(admin, consumer, sorted({topic for topics in groups.values() for topic in topics}))
        for group, topics in groups.items():
            of_group = {place: end for place, end in ends.items() if place.topic in topics}
            events |= {(group, place.topic): 0 for place in of_group}
            behind = await _behind(admin, consumer, group, of_group)
            for place, age in (await ages_of(consumer, behind, ends)).items():
                row = group, place.topic
                events[row] += ends[place] - behind[place]
                seconds[row] = max(seconds.get(row, 0), age)
        return {LAG_EVENTS: events, LAG_SECONDS: dict.fromkeys(events, 0.0) | seconds}

    async def _connected(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if not self._clients:
            options = {**self._kafka.options(), "request_timeout_ms": REQUEST_MILLISECONDS}
            admin = AIOKafkaAdminClient(**options)
            consumer = AIOKafkaConsumer(
                **options,
                isolation_level="read_committed",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=FETCH_BYTES,
            )
            self._clients = admin, consumer
            await admin.start()
            await consumer.start()
        return self._clients


async def _ends(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, topics: Sequence[str]) -> Offsets:
    """Of each partition the offset after its last committed record."""
    described = await admin.describe_topics(topics) if topics else []
    there = {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}
    places = [TopicPartition(topic, number) for topic, count in there.items() for number in range(count)]
    ends: Offsets = await consumer.end_offsets(places) if places else {}
    return ends


async def _behind(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, group: str, ends: Offsets) -> Offsets:
    """Of the partitions that the group has not read to the end the offset from which on it has not."""
    if not ends:
        return {}
    committed = await admin.list_consumer_group_offsets(group, partitions=list(ends))
    if ends.keys() - committed.keys():  # aiokafka passes over the coordinator's refusal, and then says nothing of them
        raise CoordinatorSilent(group)
    behind = {place: at.offset for place, at in committed.items() if at.offset < ends[place]}
    if not behind:
        return {}
    first = await consumer.beginning_offsets(list(behind))
    return {place: start for place, at in behind.items() if (start := max(at, first[place])) < ends[place]}
