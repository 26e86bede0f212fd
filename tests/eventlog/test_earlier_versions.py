"""The log keeps events of every version there was, and decisions are made on the latest."""

import json

import pytest

from eventlog.store import EventStore
from tests.contracts.made_up import MOVED, AddressMoved, make_up
from tests.eventlog.conftest import ORIGIN


async def test_an_event_that_was_appended_in_an_earlier_version_is_read_as_the_latest(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_up(monkeypatch)
    await store.append("stream", [MOVED, MOVED], expected_version=0, origin=ORIGIN)
    as_it_was = {"type": AddressMoved.type_of(1), "data": json.dumps({"street": f"{MOVED.town}, {MOVED.line}"})}
    await store.events.update_one({"stream_id": "stream", "version": 1}, {"$set": as_it_was})
    assert [envelope.event for envelope in await store.read("stream")] == [MOVED, MOVED]
