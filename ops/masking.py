"""Ops, masking: what may be shown of an event. Only what is known to be harmless is; everything else is a mask.

Personal data stands in `person` (contracts); but what could not be read may hold it anywhere, even in a key, a header
or a field's name. So nothing is looked for that ought to be hidden: what is shown has to have the form of an id, a
time, a type or a name of the contracts.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from medonline_contracts.envelope import Event
from medonline_contracts.topics import EVENT_TYPES

MASK = "***"
ITEMS_SHOWN = 5
DEEPEST = 10

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)"
_CODE = r"[a-z][a-z_.-]{0,39}"  # no name of a person: it has no capital and no digit
_HARMLESS = re.compile(rf"{_UUID}|{_TIME}|{_CODE}|[0-9a-f]{{64}}|RU-[A-Z0-9]{{2,3}}", re.ASCII)
_STREAM = re.compile(rf"{_UUID}|{_CODE}", re.ASCII)
_WHAT = re.compile(r"(?!.*\d{5})[\w '-]{1,60}", re.ASCII)
_EVENT_TYPE = re.compile(r"ru\.medonline\.[A-Za-z]{1,60}\.v[1-9]\d{0,5}", re.ASCII)
_HEADERS = {
    "ce_specversion": re.compile(r"\d\.\d"),
    "ce_id": re.compile(_UUID),
    "ce_source": re.compile(r"/medonline/[a-z]{1,20}"),
    "ce_type": _EVENT_TYPE,
    "ce_subject": _STREAM,
    "ce_time": re.compile(_TIME, re.ASCII),
    "ce_streamversion": re.compile(r"\d{1,7}", re.ASCII),
    "ce_correlationid": _STREAM,
    "ce_causationid": _STREAM,
    "traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
    "content-type": re.compile(r"application/json"),
}


def _names(schema: dict[str, Any]) -> Iterator[str]:
    yield from schema.get("properties", {})
    for part in schema.get("$defs", {}).values():
        yield from _names(part)


_FIELDS = {name for event in EVENT_TYPES.values() for name in _names(event.model_json_schema())}
_PERSONS: list[Any] = [
    event.model_fields["person"].annotation for event in EVENT_TYPES.values() if "person" in event.model_fields
]
_PERSONAL = {"person"}.union(*(_names(TypeAdapter(person).json_schema()) for person in _PERSONS))


def key_shown(key: bytes | None) -> str:
    """A stream's id; a key of any other form is masked."""
    text = (key or b"").decode(errors="replace")
    return text if _STREAM.fullmatch(text) else _masked_bytes(key)


def stream_shown(stream: str) -> str:
    """A stream's id; anything of another form is masked."""
    return key_shown(stream.encode())


def headers_shown(headers: Iterable[Sequence[Any]]) -> dict[str, str | None]:
    """The attributes that have the form they ought to have; others by name, and unknown ones by number."""
    shown: dict[str, str | None] = {}
    for name, value in headers:
        known = _HEADERS.get(name)
        text = bytes(value or b"").decode(errors="replace")
        place = name if known else f"unknown header {len(shown) + 1}"
        if value is None:
            shown[place] = None
        else:
            shown[place] = text if known and known.fullmatch(text) else _masked_bytes(value)
    return shown


def reason_shown(reason: str) -> str:
    """Why an event was parked: our own words, names of fields and of types."""
    field, colon, what = reason.partition(": ")
    if not colon:
        newer = reason.removesuffix(" is newer than this code")
        return reason if _EVENT_TYPE.fullmatch(newer) or _WHAT.fullmatch(reason) else MASK
    path = field.split(".")
    known = field in _HEADERS or field in ("key", "record") or (path[0] == "data" and all(map(_is_place, path[1:])))
    return f"{field if known else MASK}: {what if _WHAT.fullmatch(what) else MASK}"


def event_shown(event: Event) -> dict[str, Any]:
    """A readable event: the person as names of fields alone, of the rest what has a harmless form."""
    shown: dict[str, Any] = _harmless(event.model_dump(mode="json"))
    return shown


def value_shape(value: bytes | None) -> Any:
    """What cannot be read: the names of fields that the contracts know, types and lengths."""
    if value is None:
        return None
    try:
        return _shape(json.loads(value), 0)
    except (ValueError, RecursionError):
        return f"no JSON, {len(value)} bytes"


def _is_place(part: str) -> bool:
    return part == "" or part in _FIELDS or (part.isdigit() and len(part) < 4)


def _masked(value: Any) -> Any:
    match value:
        case dict():
            return {name: _masked(part) for name, part in value.items()}
        case list():
            return [_masked(part) for part in value]
        case _:
            return MASK


def _harmless(value: Any) -> Any:
    match value:
        case dict():
            return {name: _masked(part) if name in _PERSONAL else _harmless(part) for name, part in value.items()}
        case list():
            return [_harmless(part) for part in value]
        case None | bool():
            return value
        case int() if 0 <= value < 10**6:
            return value
        case str() if _HARMLESS.fullmatch(value):
            return value
        case _:
            return MASK


def _shape(value: Any, depth: int) -> Any:
    match value:
        case dict() | list() if depth == DEEPEST:
            return "too deep"
        case dict():
            named = (
                (name if name in _FIELDS else f"unknown field {n}", v) for n, (name, v) in enumerate(value.items(), 1)
            )
            return {name: _shape(part, depth + 1) for name, part in named}
        case list():
            more = [f"{len(value) - ITEMS_SHOWN} more"] if len(value) > ITEMS_SHOWN else []
            return [*(_shape(part, depth + 1) for part in value[:ITEMS_SHOWN]), *more]
        case str():
            return f"text of {len(value)} characters"
        case bool():
            return "true or false"
        case None:
            return "null"
        case _:
            return "number"


def _masked_bytes(value: bytes | None) -> str:
    return f"{MASK} ({len(value or b'')} bytes)"
