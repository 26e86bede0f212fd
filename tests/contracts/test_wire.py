"""The wire: what is written is read back, and what is no event of ours is refused with the field that is wrong."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts import Envelope, Event, NewerVersion, Tombstone, Unreadable, parse
from medonline_contracts.envelope import TYPE_PREFIX, Origin
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.regions import REGIONS
from medonline_contracts.topics import EVENT_TYPES, TOPICS
from medonline_contracts.wire import headers_of, value_of

ENVELOPE: Envelope[Event] = Envelope(
    id="01939b4e-0000-7000-8000-000000000001",
    source="/medonline/identity",
    stream_id="01939b4e-0000-7000-8000-000000000002",
    version=3,
    time=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
    origin=Origin("request-1", "01939b4e-0000-7000-8000-000000000003", None),
    event=PasswordChanged(account_id="01939b4e-0000-7000-8000-000000000002", credential_version=1),
)

Record = tuple[bytes, list[tuple[str, bytes]], bytes]


def record_of(envelope: Envelope[Event]) -> Record:
    headers = headers_of(
        type_name=envelope.event.type_name(),
        id=envelope.id,
        source=envelope.source,
        stream_id=envelope.stream_id,
        version=envelope.version,
        time=envelope.time,
        origin=envelope.origin,
    )
    return envelope.stream_id.encode(), headers, value_of(envelope.event)


def with_header(name: str, value: bytes | None) -> list[tuple[str, Any]]:
    _, headers, _ = record_of(ENVELOPE)
    return [(n, v) for n, v in headers if n != name] + [(name, value)]


def test_an_event_survives_the_wire() -> None:
    assert parse(*record_of(ENVELOPE)) == ENVELOPE


@given(st.integers(1, 10**9), st.datetimes(timezones=st.just(UTC)), st.text(min_size=1).filter(str.isprintable))
def test_every_attribute_survives_the_wire(version: int, time: datetime, correlation: str) -> None:
    envelope = replace(ENVELOPE, version=version, time=time, origin=Origin(correlation))
    assert parse(*record_of(envelope)) == envelope


def test_a_null_value_is_a_tombstone() -> None:
    assert parse(b"card", [], None) == Tombstone("card")


def test_an_unknown_optional_field_is_ignored() -> None:
    key, headers, value = record_of(ENVELOPE)
    assert parse(key, headers, value[:-1] + b',"of_tomorrow":1}') == ENVELOPE


def test_a_later_version_of_a_known_event_is_said_to_be_newer() -> None:
    newer = PasswordChanged.type_of(2)
    with pytest.raises(NewerVersion, match=newer):
        parse(b"s", with_header("ce_type", newer.encode()), b"{}")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_type", f"{TYPE_PREFIX}.Unheard.v1".encode()),
        ("ce_type", b""),
        ("ce_type", None),
        ("ce_type", b"\xff"),
        ("ce_type", PasswordChanged.type_of(1_000_000).encode()),
        ("ce_type", PasswordChanged.type_name().encode()[:-1] + b"9" * 5_000),
        ("ce_type", (PasswordChanged.type_name()[:-1] + "٢").encode()),
        ("ce_subject", b"another"),
        ("ce_streamversion", b"0"),
        ("ce_streamversion", "٣".encode()),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-11-21T09:00:00"),
        ("ce_correlationid", None),
        ("ce_causationid", b"\xff"),
        ("traceparent", None),
        ("content-type", b"\xff"),
    ],
)
def test_a_wrong_header_is_named(header: str, value: bytes | None) -> None:
    key, _, data = record_of(ENVELOPE)
    with pytest.raises(Unreadable) as refused:
        parse(key, with_header(header, value), data)
    assert refused.value.field == header


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_headers_of_others_may_say_anything(foreign: list[tuple[str, bytes | None]]) -> None:
    key, headers, value = record_of(ENVELOPE)
    others = [(name, raw) for name, raw in foreign if name not in HEADERS]
    assert parse(key, [*others, ("key", b"\xff"), ("b3", None), *headers], value) == ENVELOPE


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"\xff", b'{"account_id":"a","credential_version":"x"}'])
def test_wrong_data_is_named(value: bytes) -> None:
    key, headers, _ = record_of(ENVELOPE)
    with pytest.raises(Unreadable) as refused:
        parse(key, headers, value)
    assert refused.value.field.startswith("data.")


HEADERS = [name for name, _ in record_of(ENVELOPE)[1]]


@given(
    key=st.none() | st.binary(),
    changed=st.dictionaries(st.sampled_from(HEADERS), st.none() | st.binary() | st.text().map(str.encode)),
    value=st.none() | st.binary() | st.just(value_of(ENVELOPE.event)),
)
def test_whatever_comes_is_read_or_said_to_be_unreadable(
    key: bytes | None, changed: dict[str, bytes | None], value: bytes | None
) -> None:
    headers: dict[str, bytes | None] = {**dict(record_of(ENVELOPE)[1]), **changed}
    with suppress(Unreadable, NewerVersion):
        assert isinstance(parse(key, headers.items(), value), Envelope | Tombstone)


def test_a_key_is_required() -> None:
    with pytest.raises(Unreadable, match="key"):
        parse(None, [], b"{}")


def test_every_event_belongs_to_one_topic_and_has_one_name() -> None:
    declared = [event for topic in TOPICS for event in topic.events]
    assert len(declared) == len(set(declared)) == len(EVENT_TYPES)


def test_personal_data_stands_in_the_field_person_alone() -> None:
    personal = re.compile("name|birth|snils|enp|phone|email|document|address|gender")
    for event in EVENT_TYPES.values():
        assert not [field for field in event.model_fields if field != "person" and personal.search(field)]


def test_the_catalogue_holds_all_subjects_of_the_federation() -> None:
    assert len(REGIONS) == 89
    assert all(re.fullmatch(r"RU-[A-Z]{2,3}", code) and region.name for code, region in REGIONS.items())
    assert REGIONS["RU-STA"].name == "Ставропольский край"
