"""Kafka records without Kafka, and a view to fold them into."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlog.documents import document_of, record_of
from eventlog.projector import Row, Section, Write
from eventlog.store import EventStore
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import ORIGIN, event, number_of


@dataclass
class Record:
    """A Kafka record as a consumer hands it out."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    topic: str = "topic"
    partition: int = 0
    offset: int = 0


def project(envelope: Envelope[Event]) -> list[Write]:
    """A section and a row; what bears the number 13 cannot be folded."""
    number = number_of(envelope)
    if number == 13:
        raise ValueError("a fold that fails")
    return [
        Section("views", envelope.stream_id, "part", envelope.version, {"number": number, "text": "$not.a.formula"}),
        Row("rows", f"{envelope.stream_id}:{envelope.version}", {"number": number}),
    ]


async def envelopes_of(store: EventStore, stream: str, numbers: Sequence[int]) -> list[Envelope[Event]]:
    """Append events of these numbers to a new stream."""
    return await store.append(stream, [event(number) for number in numbers], expected_version=0, origin=ORIGIN)


def records_of(envelopes: Sequence[Envelope[Event]]) -> list[Record]:
    """As they would come from one partition."""
    return [Record(**record_of(document_of(envelope)), offset=i) for i, envelope in enumerate(envelopes)]
