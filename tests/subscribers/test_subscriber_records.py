"""What the subscriber in Python does with what it cannot read: sets it aside, or stops and keeps its place."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from docs.examples.subscriber import Hospital
from eventlog.documents import document_of, record_of
from medonline_contracts import NewerVersion
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.topics import IDENTITY_EVENTS
from tests.cards.people import ACCOUNT, OTHER_ACCOUNT, authenticated, recorded
from tests.eventlog.records import Record

PLACE = TopicPartition(IDENTITY_EVENTS.name, 0)


def registration(account_id: str, offset: int, **instead: Any) -> Record:
    """An account's first sign-in as it comes from Kafka; `instead` puts other headers in place of its own."""
    whole = record_of(document_of(recorded(account_id, 2, authenticated(account_id))))
    headers = [(name, instead.get(name, value)) for name, value in whole["headers"]]
    return Record(whole["key"], whole["value"], headers, IDENTITY_EVENTS.name, 0, offset)


def counted(file: Path) -> tuple[int, list[tuple[int, str]]]:
    """How many registrations were counted, and what was set aside, and why."""
    with closing(sqlite3.connect(file)) as opened:
        (count,) = opened.execute("SELECT coalesce(sum(count), 0) FROM registrations").fetchone()
        return count, opened.execute("SELECT place, reason FROM set_aside").fetchall()


def test_what_is_no_event_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    hospital = Hospital(tmp_path / "hospital.db")
    unreadable = registration(ACCOUNT, 0, ce_time=b"yesterday")
    hospital.take(PLACE, [unreadable, registration(OTHER_ACCOUNT, 1)])
    assert counted(tmp_path / "hospital.db") == (1, [(0, "ce_time: is no RFC 3339 time")])
    assert hospital.place_of(PLACE) == 2


def test_before_an_event_of_a_newer_version_it_stops_and_keeps_its_place(tmp_path: Path) -> None:
    hospital = Hospital(tmp_path / "hospital.db")
    newer = registration(OTHER_ACCOUNT, 1, ce_type=EsiaAuthenticated.type_name().replace("v1", "v2").encode())
    with pytest.raises(NewerVersion):
        hospital.take(PLACE, [registration(ACCOUNT, 0), newer])
    assert counted(tmp_path / "hospital.db") == (0, [])
    assert hospital.place_of(PLACE) is None
