"""The naive side: what one writes first with FastStream, aiokafka or PyMongo. Each test shows what comes of it.

Each asserts what the naive code does wrong: the day a library is mended its test says so. Not here, since they cannot
befall us: `publish_batch` ignores keys (nothing but the relay publishes, by a producer of its own); the AsyncAPI page
with scripts from elsewhere, and its names (no page is served, the schemas are generated from the contracts); Motor's
end of life (PyMongo itself is used); aiokafka's eager rebalancing (so do we, at each change of members: what matters is
that nobody works on what he has lost, test_membership.py). A consumer that hangs after a broker's restart
(aio-libs/aiokafka#1154) takes a broker that is killed: tests/faults/.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from tests.eventlog.conftest import until
from tests.traps.scene import POISON, Scene, number_in

NONE: Mapping[str, Any] = MappingProxyType({})
Handle = Callable[[KafkaMessage], Awaitable[Any]]


@asynccontextmanager
async def subscriber(
    scene: Scene, handle: Handle, *, broker_options: Mapping[str, Any] = NONE, **options: Any
) -> AsyncIterator[KafkaBroker]:
    """A FastStream subscriber of the scene's topic and group, with options as its author chose them."""
    broker = KafkaBroker(scene.bootstrap_servers, **{"logger": None, "graceful_timeout": 0.1, **broker_options})
    options = {"auto_offset_reset": "earliest", "group_id": scene.group, **options}

    async def on_message(message: KafkaMessage) -> Any:
        return await handle(message)

    broker.subscriber(scene.topic.name, **options)(on_message)
    try:
        await broker.start()
        yield broker
    finally:
        await broker.stop()


class Handler:
    """A handler that notes what it is given, and fails on the poison."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.done: list[int] = []

    async def __call__(self, message: KafkaMessage) -> None:
        number = number_in(message.body)
        self.given.append(number)
        if number == POISON:
            raise ValueError("a handler that fails")
        self.done.append(number)


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a naive task until it ends: a cancellation can get lost (see test_cancelling.py)."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
    if not task.cancelled():
        task.result()


async def stands_everywhere(broker: KafkaBroker, scene: Scene) -> None:
    """Wait until the naive subscriber knows, in each partition, from where it reads."""
    consumer = cast(Any, broker.subscribers[0]).consumer
    for partition in range(scene.topic.partitions):
        place = TopicPartition(scene.topic.name, partition)
        await until(partial(is_assigned, consumer, place))
        await consumer.position(place)


async def is_assigned(consumer: AIOKafkaConsumer, place: TopicPartition) -> bool:
    return place in consumer.assignment()
