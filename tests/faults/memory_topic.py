"""Stand-ins in memory for a topic, its writer and their agreement with the log, with the faults of the real ones."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.errors import KafkaConnectionError, ProducerFenced

from medonline_contracts.topics import Topic
from tests.eventlog.records import Record
from tests.faults.memory import Fault


class MemoryTopic:
    """A topic whose newest producer alone may write."""

    def __init__(self, partitions: int = 2) -> None:
        self.partitions: list[list[Record]] = [[] for _ in range(partitions)]
        self.epoch = 0

    def append(self, key: bytes, value: bytes, headers: Any) -> None:
        number = sum(key) % len(self.partitions)
        partition = self.partitions[number]
        partition.append(Record(key, value, headers, partition=number, offset=len(partition)))


class MemoryProducer:
    """A transactional producer of the topic."""

    def __init__(self, topic: MemoryTopic, fault: Fault) -> None:
        self._topic = topic
        self._fault = fault
        self._open: list[Mapping[str, Any]] = []

    async def start(self) -> None:
        self._topic.epoch += 1
        self._epoch = self._topic.epoch

    async def stop(self) -> None:
        return

    async def send(self, _: str, **record: Any) -> "asyncio.Future[None]":
        await self._fault.step()
        self._require_newest()
        self._open.append(record)
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self._open = []
        yield
        await self._fault.step()
        self._require_newest()
        for record in self._open:
            self._topic.append(**record)
        if await self._fault.step():
            raise KafkaConnectionError

    def _require_newest(self) -> None:
        if self._epoch != self._topic.epoch:
            raise ProducerFenced


class MemoryAgreement:
    """One that never looks into the topic: what was published twice must do no harm either."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic

    async def require(self, _: object) -> None:
        return

    def is_anothers(self) -> None:
        return

    async def wrote(self, _: Iterable[object]) -> None:
        return

    async def keep_place(self) -> None:
        return
