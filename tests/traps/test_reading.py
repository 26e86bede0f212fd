"""What does a reader get to see? Less than there is, more than was committed, or something else than was sent."""

import time
from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete
from faststream import AckPolicy
from faststream.kafka.annotations import KafkaMessage
from pymongo.asynchronous.database import AsyncDatabase
from structlog.testing import capture_logs

from eventlog.listener import TopicMissing
from eventlog.store import Document
from tests.eventlog.conftest import has_halted, until
from tests.traps.naive import Handler, stands_everywhere, subscriber
from tests.traps.ours import Ours, shows
from tests.traps.scene import Scene, has_come_to, number_in, sent


async def has_done(handler: Handler, numbers: list[int]) -> bool:
    return handler.done == numbers


async def test_a_new_group_misses_what_is_there_already_and_ours_begins_at_the_beginning(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """`auto_offset_reset` is `latest` in aiokafka and FastStream, unless one says otherwise."""
    await scene.send(sent(1))
    handler = Handler()
    async with subscriber(scene, handler, auto_offset_reset="latest") as broker:
        await stands_everywhere(broker, scene)
        await scene.send(sent(2))
        await until(lambda: has_done(handler, [2]))

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: shows(ours, {1, 2}))


async def test_a_reader_sees_what_was_never_committed_and_ours_does_not(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """`isolation_level` is `read_uncommitted` unless one says otherwise: a fenced relay's events would count."""
    async with AIOKafkaProducer(bootstrap_servers=scene.bootstrap_servers, transactional_id=scene.group) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(scene.topic.name, sent(1).value, partition=0)
        await producer.abort_transaction()
    await scene.send(sent(2))
    handler = Handler()
    async with subscriber(scene, handler, ack_policy=AckPolicy.ACK):
        await until(lambda: has_done(handler, [1, 2]))

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: shows(ours, {2}))
    assert (ours.projected, await ours.parked()) == ([2], [])


async def test_a_group_that_retention_has_overtaken_goes_on_behind_the_gap_and_ours_says_what_to_do(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    await scene.send(*(sent(number) for number in (1, 2, 3, 4)))
    ours = Ours(scene, database)
    for group in (scene, ours.scene):
        await group.commit(1)
    await scene.admin.delete_records({TopicPartition(scene.topic.name, 0): RecordsToDelete(3)})
    handler = Handler()
    async with subscriber(scene, handler, ack_policy=AckPolicy.ACK):
        await until(lambda: has_done(handler, [4]))  # neither 2 nor 3, and not a word

    with capture_logs() as logs:
        async with ours.listening() as listener:
            await until(lambda: has_halted(logs, "rebuild"))
            assert not listener.gets_on()
    assert ours.projected == []


async def test_a_topic_that_is_missing_is_made_up_and_ours_says_what_to_do(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """Even on a broker that creates no topics by itself: FastStream asks it to. Nothing will ever come by that one."""
    misspelt = replace(scene, topic=replace(scene.topic, name=f"test.misspelt.{uuid4().hex}"))
    with pytest.raises(TopicMissing, match="create it"):
        await Ours(misspelt, database).listener().run()
    assert misspelt.topic.name not in await scene.admin.list_topics()

    async with subscriber(misspelt, Handler()) as broker:
        assert await broker.ping(5)
    assert misspelt.topic.name in await scene.admin.list_topics()
    await scene.admin.delete_topics([misspelt.topic.name])


async def test_an_empty_record_is_taken_for_a_tombstone_and_ours_tells_them_apart(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    tombstone, empty = (replace(sent(number), value=value, headers=[]) for number, value in ((1, None), (2, b"")))
    await scene.send(tombstone, empty)
    bodies: list[object] = []

    async def handle(message: KafkaMessage) -> None:
        bodies.append(message.body)

    async with subscriber(scene, handle, ack_policy=AckPolicy.ACK):
        await until(lambda: has_come_to(scene, {0: 2}))
    assert bodies == [b"", b""]

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: has_come_to(ours.scene, {0: 2}))
    assert [(parked["offset"], parked["value"]) for parked in await ours.parked()] == [(0, None), (1, b"")]


async def test_two_events_bear_one_message_id_and_ours_tells_them_apart(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """`message_id` is made of offset and time: whoever leaves out what he has seen leaves out an event."""
    now = int(time.time() * 1000)
    await scene.send(sent(1, partition=0, timestamp_ms=now), sent(2, partition=1, timestamp_ms=now))
    seen: dict[str, int] = {}

    async def once_each(message: KafkaMessage) -> None:
        seen.setdefault(message.message_id, number_in(message.body))

    async with subscriber(scene, once_each, ack_policy=AckPolicy.ACK):
        await until(lambda: has_come_to(scene, {0: 1, 1: 1}))
    assert len(seen) == 1

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: shows(ours, {1, 2}))


async def test_whoever_writes_an_event_has_the_answer_sent_where_he_likes_and_ours_answers_nobody(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """A `reply_to` header publishes what the handler returns: here, a view that holds personal data."""
    elsewhere = f"test.elsewhere.{uuid4().hex}"
    await scene.admin.create_topics([NewTopic(elsewhere, 1, 1)])
    event = sent(1)
    await scene.send(replace(event, headers=[*event.headers, ("reply_to", elsewhere.encode())]))

    async def handle(message: KafkaMessage) -> dict[str, str]:
        return {"family_name": "Выдуманная"}

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: has_come_to(ours.scene, {0: 1}))
    assert await scene.values(elsewhere) == []

    async with subscriber(scene, handle, ack_policy=AckPolicy.ACK):
        await until(lambda: has_come_to(scene, {0: 1}))
    assert await scene.values(elsewhere) == ['{"family_name":"Выдуманная"}'.encode()]
    await scene.admin.delete_topics([elsewhere])
