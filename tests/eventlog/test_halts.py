"""What a partition cannot go on from: it alone stands still, loudly, and what the log says to do lets it go on."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from structlog.testing import capture_logs

from eventlog.listener import Listener
from eventlog.process import background
from eventlog.supervisor import Looks, supervise, turns
from medonline_contracts.topics import Topic
from tests.eventlog.collecting import Collecting, committed, produce
from tests.eventlog.conftest import has_halted, until
from tests.servers import RealServers


async def delete_before(servers: RealServers, topic: Topic, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=offset)})
    await admin.close()


@pytest.mark.parametrize("read_before", [True, False])
async def test_a_partition_whose_events_were_deleted_unread_halts_and_says_so_and_the_others_go_on(
    topic: Topic, servers: RealServers, read_before: bool
) -> None:
    await produce(servers, topic, b"one")
    collecting = Collecting()
    listener = Listener(servers.kafka, topic.name, [topic], collecting)
    if read_before:
        async with background(supervise(listener, Looks())):

            async def caught_up() -> bool:
                return await committed(servers, topic.name, topic) == 1

            await until(caught_up)
    collecting.values.clear()
    await produce(servers, topic, b"lost", b"kept")
    await delete_before(servers, topic, 2)

    halted = Listener(servers.kafka, topic.name, [topic], collecting)

    async def others_go_on() -> bool:
        return collecting.values == [b"elsewhere"]

    with capture_logs() as logs:
        async with background(supervise(halted, Looks())):
            async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
                await producer.send_and_wait(topic.name, b"elsewhere", partition=1)
            await until(others_go_on)
            await until(lambda: has_halted(logs, "rebuild"))
            assert turns(halted)
            assert not halted.gets_on()
            assert collecting.values == [b"elsewhere"]


class NoText(str):
    """A header's name that is no UTF-8 on the wire, as a client that takes names for bytes may send it."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff"


async def test_a_record_the_client_cannot_read_halts_its_partition_behind_all_that_came_before_it(
    topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiokafka.producer.message_accumulator.DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    before = [f"{number}".encode() for number in range(100)]
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        batch = producer.create_batch()
        for value in (*before, b"broken", b"in the same batch"):
            headers = [(NoText("name"), b"")] if value == b"broken" else []
            batch.append(timestamp=None, key=None, value=value, headers=headers)
        await (await producer.send_batch(batch, topic.name, partition=0))
    collecting = Collecting()
    with capture_logs() as logs:
        async with background(supervise(Listener(servers.kafka, topic.name, [topic], collecting), Looks())):
            await until(lambda: has_halted(logs, "offset 100"))
    assert collecting.values == before
    async with AIOKafkaConsumer(bootstrap_servers=servers.bootstrap_servers, group_id=topic.name) as operator:
        operator.assign([TopicPartition(topic.name, 0)])
        await operator.commit({TopicPartition(topic.name, 0): 102})  # where the next batch begins, as the log says
    await produce(servers, topic, b"next")

    async def goes_on() -> bool:
        return collecting.values == [*before, b"next"]

    async with background(supervise(Listener(servers.kafka, topic.name, [topic], collecting), Looks())):
        await until(goes_on)
