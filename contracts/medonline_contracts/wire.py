"""The wire: an event as a Kafka record, in CloudEvents 1.0 binary mode, and back.

Headers carry the attributes (`ce_…`), the key is the stream, the value is the event's JSON as the log holds it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import ValidationError

from medonline_contracts.envelope import (
    TYPE_PREFIX,
    Envelope,
    Event,
    NewerVersion,
    Origin,
    Tombstone,
    Unreadable,
)
from medonline_contracts.topics import EVENT_TYPES

Headers = Sequence[tuple[str, bytes]]

_LATEST = {event.__name__: event.event_version for event in EVENT_TYPES.values()}
_ATTRIBUTES = "specversion id source type subject time streamversion correlationid causationid"
_NAMES = {"key", "traceparent", "content-type", *(f"ce_{name}" for name in _ATTRIBUTES.split())}
_VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_TYPE = re.compile(rf"{re.escape(TYPE_PREFIX)}\.(?P<name>\w+)\.v(?P<version>[1-9]\d{{0,5}})", re.ASCII)


def headers_of(
    *, type_name: str, id: str, source: str, stream_id: str, version: int, time: datetime, origin: Origin
) -> list[tuple[str, bytes]]:
    """The record's headers; optional attributes that are absent are left out."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_source": source,
        "ce_type": type_name,
        "ce_subject": stream_id,
        "ce_time": time.isoformat(),
        "ce_streamversion": str(version),
        "ce_correlationid": origin.correlation_id,
        "ce_causationid": origin.causation_id,
        "traceparent": origin.traceparent,
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in attributes.items() if value is not None]


def value_of(event: Event) -> bytes:
    """The record's value: JSON in UTF-8."""
    return event.model_dump_json().encode()


def parse(
    key: bytes | None, headers: Iterable[tuple[str, bytes | None]], value: bytes | None
) -> Envelope[Event] | Tombstone:
    """Read one Kafka record.

    Raises `NewerVersion` for a known event in an unknown later version, `Unreadable` for anything else that is wrong.
    """
    name = _text("key", key)
    if value is None:
        return Tombstone(name)
    try:
        return _envelope(name, headers, value)
    except Unreadable:
        raise
    except ValueError:  # none that is known of: but a record that nobody can read must not stop whoever reads on
        raise Unreadable("record", "cannot be read") from None


def _envelope(name: str, headers: Iterable[tuple[str, bytes | None]], value: bytes) -> Envelope[Event]:
    attributes = {header: _text(header, raw) for header, raw in headers}
    event_class = _event_class(_required(attributes, "ce_type"))
    if _required(attributes, "ce_subject") != name:
        raise Unreadable("ce_subject", "is not the record's key")
    return Envelope(
        id=_required(attributes, "ce_id"),
        source=_required(attributes, "ce_source"),
        stream_id=name,
        version=_version(_required(attributes, "ce_streamversion")),
        time=_time(_required(attributes, "ce_time")),
        origin=Origin(
            correlation_id=attributes.get("ce_correlationid") or _required(attributes, "ce_id"),
            causation_id=attributes.get("ce_causationid"),
            traceparent=attributes.get("traceparent"),
        ),
        event=read_event(event_class, value),
    )


def read_event(event_class: type[Event], value: bytes | str) -> Event:
    """The data of one event; the error names the first field that is wrong and never its content."""
    try:
        return event_class.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Unreadable("data." + ".".join(map(str, first["loc"])), first["type"]) from None


def _text(field: str, raw: bytes | None) -> str:
    if raw is None:
        raise Unreadable(_shown(field), "is null")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(_shown(field), "is not UTF-8") from None


def _shown(field: str) -> str:
    """A foreign header's name could be anything, a person's too, and the error's text goes into logs."""
    return field if field in _NAMES else "header"


def _required(attributes: dict[str, str], field: str) -> str:
    if not (value := attributes.get(field)):
        raise Unreadable(field, "is missing")
    return value


def _event_class(type_name: str) -> type[Event]:
    if known := EVENT_TYPES.get(type_name):
        return known
    if (match := _TYPE.fullmatch(type_name)) and int(match["version"]) > _LATEST.get(match["name"], 10**9):
        raise NewerVersion(type_name)
    raise Unreadable("ce_type", "is unknown")


def version_in(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """The stream version that the headers of a record state, readable or not; None where they state none."""
    try:
        return _version(_text("ce_streamversion", dict(headers).get("ce_streamversion")))
    except Unreadable:
        return None


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text):
        raise Unreadable("ce_streamversion", "is no positive number")
    return int(text)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("ce_time", "is no RFC 3339 time") from None
    if time.tzinfo is None:
        raise Unreadable("ce_time", "has no offset from UTC")
    return time
