"""The reading: what the raw records of a batch say, one after the other as they are asked for, and what cannot be read.

What was parked or dropped before is passed over here, and what follows something unreadable in its stream.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from eventlog.parking import BEHIND, Known, RawRecord, place_of
from medonline_contracts.envelope import Envelope, Event, NewerVersion, Tombstone, Unreadable
from medonline_contracts.wire import parse

Read = tuple[RawRecord, Envelope[Event]]
NOWHERE = sys.maxsize


class Unread(NamedTuple):
    """A record that is to be parked; `waits` for newer code."""

    record: RawRecord
    reason: str
    waits: bool = False


def read(records: Iterable[RawRecord], known: Known, to_park: dict[int, Unread]) -> Iterator[Read]:
    """The events of the records, one by one as they are asked for; what is to be parked, and why, is left by offset."""
    parked_from = dict(known.parked_from)
    for record in records:
        place = place_of(record)
        if (place, record.offset) in known.dropped:
            continue
        if record.offset >= parked_from.get(place, NOWHERE):
            to_park[record.offset] = Unread(record, BEHIND)
            continue
        try:
            envelope = event_in(record)
        except (Unreadable, NewerVersion) as error:
            to_park[record.offset] = Unread(record, str(error), isinstance(error, NewerVersion))
            parked_from[place] = record.offset
            continue
        yield record, envelope


def event_in(record: RawRecord) -> Envelope[Event]:
    """Raises `Unreadable` or `NewerVersion`. In a topic of events a null value says nothing that could be applied."""
    envelope = parse(record.key, record.headers, record.value)
    if isinstance(envelope, Tombstone):
        raise Unreadable("value", "is null")
    return envelope


def place_in_logs(record: RawRecord) -> dict[str, Any]:
    """Where a record is found, its stream only where the key has the form of one: it could be anything."""
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    try:
        return {**place, "stream_id": str(UUID((record.key or b"").decode()))}
    except ValueError:
        return place
