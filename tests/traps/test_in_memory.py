"""What does a test on FastStream's broker in memory prove? Nothing about what is delivered again."""

import asyncio

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, TestKafkaBroker
from faststream.kafka.annotations import KafkaMessage

from tests.traps.naive import Handler
from tests.traps.scene import POISON, sent


async def test_the_broker_in_memory_shows_one_delivery_where_the_real_one_never_ends() -> None:
    """`TestKafkaBroker` fakes commit and seek: a test on it proves nothing about redelivery. Ours ask a real one."""
    broker, handler = KafkaBroker(logger=None), Handler()

    @broker.subscriber("a.topic", group_id="a.group", ack_policy=AckPolicy.NACK_ON_ERROR)
    async def on_message(message: KafkaMessage) -> None:
        await handler(message)

    async with TestKafkaBroker(broker):
        with pytest.raises(ValueError, match="fails"):
            await broker.publish(sent(POISON).value, "a.topic")
        await asyncio.sleep(0.1)
    assert handler.given == [POISON]
