"""The wire: an event as a Kafka record, in CloudEvents 1.0 binary mode, and back.

Headers carry the attributes (`ce_…`), the key is the stream, the value is the event's JSON as the log holds it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
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
from medonline_contracts.headers import (
    CAUSATION_ID,
    CONTENT_TYPE,
    CORRELATION_ID,
    HEADERS,
    ID,
    SOURCE,
    SPECVERSION,
    STREAM_VERSION,
    SUBJECT,
    TIME,
    TRACEPARENT,
    TYPE,
    Header,
)
from medonline_contracts.topics import EVENT_TYPES
from medonline_contracts.upcasting import UPCASTERS, upcast

Headers = Sequence[tuple[str, bytes]]

_LATEST = {event.__name__: event.event_version for event in EVENT_TYPES.values()}
_OURS = {header.name for header in HEADERS}
_VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_TYPE = re.compile(rf"{re.escape(TYPE_PREFIX)}\.(?P<name>\w+)\.v(?P<version>[1-9]\d{{0,5}})", re.ASCII)


def headers_of(
    *, type_name: str, id: str, source: str, stream_id: str, version: int, time: datetime, origin: Origin
) -> list[tuple[str, bytes]]:
    """The record's headers; optional attributes that are absent are left out."""
    attributes = {
        SPECVERSION.name: "1.0",
        ID.name: id,
        SOURCE.name: source,
        TYPE.name: type_name,
        SUBJECT.name: stream_id,
        TIME.name: time.isoformat(),
        STREAM_VERSION.name: str(version),
        CORRELATION_ID.name: origin.correlation_id,
        CAUSATION_ID.name: origin.causation_id,
        TRACEPARENT.name: origin.traceparent,
        CONTENT_TYPE.name: "application/json",
    }
    return [(name, value.encode()) for name, value in attributes.items() if value is not None]


def value_of(event: Event) -> bytes:
    """The record's value: JSON in UTF-8."""
    return event.model_dump_json().encode()


def parse(
    key: bytes | None, headers: Iterable[tuple[str, bytes | None]], value: bytes | None
) -> Envelope[Event] | Tombstone:
    """Read one Kafka record; an event of an earlier version comes as what it would be in the latest.

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
    # A foreign header may be anything: tracing and other tools on the way add their own, in bytes of their own.
    attributes = {header: _text(header, raw) for header, raw in headers if header in _OURS}
    type_name = _known(_required(attributes, TYPE))
    if _required(attributes, SUBJECT) != name:
        raise Unreadable(SUBJECT.name, "is not the record's key")
    return Envelope(
        id=_required(attributes, ID),
        source=_required(attributes, SOURCE),
        stream_id=name,
        version=_version(_required(attributes, STREAM_VERSION)),
        time=_time(_required(attributes, TIME)),
        origin=Origin(
            correlation_id=attributes.get(CORRELATION_ID.name) or _required(attributes, ID),
            causation_id=attributes.get(CAUSATION_ID.name),
            traceparent=attributes.get(TRACEPARENT.name),
        ),
        event=_event(type_name, value),
    )


def read_event(type_name: str, value: bytes | str) -> Event:
    """The data of one event, that of an earlier version as the latest one.

    Raises as `parse` does; the error names the first field that is wrong and never its content.
    """
    return _event(_known(type_name), value)


def _event(type_name: str, value: bytes | str) -> Event:
    if (event_class := EVENT_TYPES.get(type_name)) is None:
        event_class, value = _upcast(type_name, value)
    try:
        return event_class.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Unreadable("data." + ".".join(map(str, first["loc"])), first["type"]) from None


def _text(field: str, raw: bytes | None) -> str:
    if raw is None:
        raise Unreadable(field, "is null")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(field, "is not UTF-8") from None


def _required(attributes: Mapping[str, str], header: Header) -> str:
    if not (value := attributes.get(header.name)):
        raise Unreadable(header.name, "is missing")
    return value


def _upcast(type_name: str, value: bytes | str) -> tuple[type[Event], str]:
    try:
        latest, data = upcast(type_name, value)
        return EVENT_TYPES[latest], data
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):  # whose text could quote the data
        raise Unreadable("data", "is not what this version was") from None


def _known(type_name: str) -> str:
    if type_name in EVENT_TYPES or type_name in UPCASTERS:
        return type_name
    if (match := _TYPE.fullmatch(type_name)) and int(match["version"]) > _LATEST.get(match["name"], 10**9):
        raise NewerVersion(type_name)
    raise Unreadable(TYPE.name, "is unknown")


def version_in(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """The stream version that the headers of a record state, readable or not; None where they state none."""
    try:
        return _version(_text(STREAM_VERSION.name, dict(headers).get(STREAM_VERSION.name)))
    except Unreadable:
        return None


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text):
        raise Unreadable(STREAM_VERSION.name, "is no positive number")
    return int(text)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(TIME.name, "is no RFC 3339 time") from None
    if time.tzinfo is None:
        raise Unreadable(TIME.name, "has no offset from UTC")
    return time
