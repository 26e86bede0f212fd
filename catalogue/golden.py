"""Golden records: an example of every form of every event ever published, with key, headers and value.

Each is read as a subscriber would, and has to come back byte for byte. They are only added to.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from catalogue.examples import ACCOUNT, CARD, examples_of
from catalogue.published import json_bytes
from medonline_contracts import Envelope, Event, NewerVersion, Tombstone, Unreadable, parse
from medonline_contracts.envelope import Origin
from medonline_contracts.topics import Topic
from medonline_contracts.wire import headers_of, value_of

_KEYS = {"account_id": ACCOUNT, "card_id": CARD}
_STREAM = "01939b4e-7a10-7d55-8e3f-7c6b5a493d08"
_EVENT = "01939b4e-7b3a-7e21-b6c4-5d2f1a0e9c04"
_CAUSE = "01939b4e-7a2f-7f10-a1b2-c3d4e5f60705"
_REQUEST = "0d3c1a52-8f0e-4b6a-9c7d-1e2f3a4b5c06"
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_TIME = datetime(2026, 11, 21, 10, 15, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden record's file: `name` is `<CloudEvents type>/<number>.json`."""

    name: str
    content: bytes

    @property
    def type_name(self) -> str:
        """The CloudEvents type of the record."""
        return self.name.partition("/")[0]

    @property
    def number(self) -> int:
        """Which of its type's it is, from 1."""
        return int(Path(self.name).stem)

    @property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return sha256(self.content).hexdigest()


def read_golden(folder: Path) -> list[Golden]:
    """The golden records in the folder, each type's by number."""
    read = [Golden(path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.glob("*/*.json")]
    return sorted(read, key=lambda golden: (golden.type_name, golden.number))


def missing_golden(existing: list[Golden], topic: Topic) -> Iterator[Golden]:
    """Records of the topic's events as they are written today that no golden record shows yet."""
    for event in topic.events:
        of_type = [golden for golden in existing if golden.type_name == event.type_name()]
        shown = [json.loads(golden.content)["value"] for golden in of_type]
        number = max((golden.number for golden in of_type), default=0)
        for example in examples_of(event):
            if json.loads(value_of(example)) not in shown:
                number += 1
                yield Golden(f"{event.type_name()}/{number}.json", json_bytes(record_of(topic, example)))


def faults_in(golden: Golden) -> Iterator[str]:
    """What a subscriber finds wrong with the record, where that is anything."""
    record = json.loads(golden.content)
    key, headers, value = record["key"].encode(), _raw(record["headers"]), _compact(record["value"])
    try:
        envelope = parse(key, headers, value)
    except (Unreadable, NewerVersion) as error:
        yield f"{golden.name}: this record, once published, can no longer be read: {error}"
        return
    if isinstance(envelope, Tombstone) or envelope.event.type_name() != golden.type_name:
        return  # upcast: how it was written nobody writes any more
    if changed := sorted(name for name, _ in set(headers) ^ set(_headers(envelope))):
        yield f"{golden.name}: written again, the record has other headers: {', '.join(dict.fromkeys(changed))}"
    # Optional fields that were added later are not in it, and are not said again.
    if envelope.event.model_dump_json(exclude_unset=True).encode() != value:
        yield f"{golden.name}: read and written again, the record's value is another one"


def changed_golden(existing: list[Golden], published: Mapping[str, str]) -> Iterator[str]:
    """What was done to records that subscribers test with."""
    found = {golden.name: golden.digest for golden in existing}
    for name, digest in published.items():
        if found.get(name) != digest:
            done = "was changed" if name in found else "is gone"
            yield f"{name}: this golden record {done}, and published ones stay as they are"


def record_of(topic: Topic, event: Event) -> dict[str, Any]:
    """The event as a record of the topic: key, headers and value."""
    key = _KEYS.get(topic.key, _STREAM)
    envelope = Envelope(_EVENT, f"/medonline/{topic.producer}", key, 2, _TIME, Origin(_REQUEST, _CAUSE, _TRACE), event)
    headers = {name: value.decode() for name, value in _headers(envelope)}
    return {"key": key, "headers": headers, "value": json.loads(value_of(event))}


def _headers(envelope: Envelope[Event]) -> list[tuple[str, bytes]]:
    return headers_of(
        type_name=envelope.event.type_name(),
        id=envelope.id,
        source=envelope.source,
        stream_id=envelope.stream_id,
        version=envelope.version,
        time=envelope.time,
        origin=envelope.origin,
    )


def _raw(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
