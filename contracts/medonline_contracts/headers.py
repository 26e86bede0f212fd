"""The headers of a record: CloudEvents 1.0 in Kafka's binary mode (`ce_…`), and W3C Trace Context; each named once.

`form` is the part of a JSON Schema that says what its text looks like.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from medonline_contracts.envelope import TYPE_PREFIX


@dataclass(frozen=True, slots=True)
class Header:
    """One header: its name, what it says in UTF-8, and whether every event has it."""

    name: str
    meaning: str
    form: Mapping[str, str | int] = field(default_factory=lambda: {"minLength": 1})
    always: bool = True


SPECVERSION = Header("ce_specversion", "The version of CloudEvents.", {"const": "1.0"})
ID = Header("ce_id", "The event's own id: the same for the same event, however often it arrives.")
SOURCE = Header("ce_source", "The service that wrote it.", {"pattern": "^/medonline/[a-z]+$"})
TYPE = Header(
    "ce_type",
    "What happened, and in which version of its form: this chooses the schema of the value.",
    {"pattern": rf"^{TYPE_PREFIX.replace('.', '[.]')}[.]\w+[.]v[1-9]\d*$"},
)
SUBJECT = Header("ce_subject", "The stream that the event belongs to: the record's key again.")
TIME = Header("ce_time", "When it was recorded (RFC 3339, UTC); it orders nothing.", {"format": "date-time"})
STREAM_VERSION = Header(
    "ce_streamversion",
    "The event's number in its stream: what is not higher than the highest applied has been applied.",
    {"pattern": r"^[1-9]\d{0,17}$"},
)
CORRELATION_ID = Header("ce_correlationid", "The request, or the first event, that all this came of.")
CAUSATION_ID = Header("ce_causationid", "The event that caused this one.", always=False)
TRACEPARENT = Header("traceparent", "W3C Trace Context of the request it came of.", always=False)
CONTENT_TYPE = Header("content-type", "How the value is written.", {"const": "application/json"})

HEADERS = (
    SPECVERSION,
    ID,
    SOURCE,
    TYPE,
    SUBJECT,
    TIME,
    STREAM_VERSION,
    CORRELATION_ID,
    CAUSATION_ID,
    TRACEPARENT,
    CONTENT_TYPE,
)
