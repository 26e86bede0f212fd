"""Redaction: what looks like a person becomes `***`, wherever in a log line it stands and however it is written.

The last line of defence, not the first: no personal data is to be logged. Here the values of a line are walked through;
`redacted_text` knows what a text may hold. Of objects that are no plain data the type is told, never their own text.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from chassis.redacted_text import GONE, is_personal, redact_text

DEEPEST = 8
LARGEST_NUMBER = 10**8  # from nine digits on it may be a phone, a СНИЛС or a passport
COUNTED = frozenset({"offset"})  # Kafka's grow past that, and are nobody's number

Plain = None | bool | int | float | str | list[Any] | dict[str, Any]


def redact(value: object, key: str = "", depth: int = 0) -> Plain:
    """The value as plain data without anything personal; `key` is what it is called, and may give it away."""
    if value is None or isinstance(value, bool):
        return value
    if is_personal(key) or depth > DEEPEST:
        return GONE
    match value:
        case Enum():
            return redact(value.value, key, depth + 1)
        case str():
            return redact_text(value, _redact_json)
        case int() | float():
            return value if key in COUNTED or abs(value) < LARGEST_NUMBER else GONE
        case bytes() | bytearray() | memoryview():
            return _redact_bytes(bytes(value))
        case Mapping():
            return {redact_text(str(name)): redact(each, str(name), depth + 1) for name, each in value.items()}
        case Sequence() | Set():
            return [redact(each, key, depth + 1) for each in value]
    return _redact_object(value)


def _redact_object(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case date():
            return GONE  # a day without an hour is a birthday
        case timedelta() | time() | PurePath():
            return redact_text(str(value))
        case BaseException():
            return type(value).__name__
        case type():
            return value.__name__
    return f"<{type(value).__name__}>"


def _redact_bytes(value: bytes) -> str:
    try:
        return redact_text(value.decode(), _redact_json)
    except UnicodeDecodeError:
        return GONE


def _redact_json(found: object) -> Plain:
    return redact(found)
