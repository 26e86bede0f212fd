"""Arrivals: events as they come from Kafka, in whatever order a test lets them come."""

from collections.abc import Iterable
from dataclasses import replace

from aiokafka import AIOKafkaProducer

from eventlog.documents import document_of, record_of
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.records import Record
from tests.faults.ground import Ground, event
from tests.traps.scene import envelope


def stream_of(stream_id: str, numbers: Iterable[int]) -> list[Envelope[Event]]:
    """A stream whose events bear these numbers."""
    return [
        replace(envelope(number, stream=stream_id, version=version), event=event(number, f"{stream_id} {number}"))
        for version, number in enumerate(numbers, start=1)
    ]


def arriving(envelopes: Iterable[Envelope[Event]], partition: int = 0) -> list[Record]:
    """They come in this order from one partition."""
    return [
        Record(**record_of(document_of(envelope)), partition=partition, offset=offset)
        for offset, envelope in enumerate(envelopes)
    ]


async def send(ground: Ground, records: Iterable[Record]) -> None:
    """Put them into the topic, each into its partition, in this order."""
    async with AIOKafkaProducer(bootstrap_servers=ground.bootstrap_servers) as producer:
        for record in records:
            headers = list(record.headers)
            await producer.send(
                ground.topic.name, record.value, record.key, partition=record.partition, headers=headers
            )
