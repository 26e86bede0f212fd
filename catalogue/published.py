"""The published snapshots: a chain of files, each naming the SHA-256 of the one before it, and only added to.

So that nobody can take back by hand what subscribers have been promised.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from catalogue.schemas import Schema
from catalogue.snapshot import Catalogue, Snapshot


@dataclass(frozen=True, slots=True)
class Chain:
    """What was published, oldest first; `last` is the SHA-256 of the newest, `faults` what somebody did to it."""

    snapshots: tuple[Snapshot, ...]
    last: str | None
    faults: tuple[str, ...]

    def types(self) -> dict[str, tuple[str, Schema]]:
        """Every type ever published, with its topic and schema as they were published last."""
        return {
            event: (name, snapshot.catalogue.schemas[event])
            for snapshot in self.snapshots
            for name, topic in snapshot.catalogue.topics.items()
            for event in topic.events
        }

    def golden(self) -> dict[str, str]:
        """All golden records ever published, each with its SHA-256."""
        return {name: digest for snapshot in self.snapshots for name, digest in snapshot.golden.items()}

    def next(self, today: Catalogue, golden: dict[str, str]) -> Snapshot | None:
        """The snapshot to be published now; none where nothing has changed since the last one."""
        newest = self.snapshots[-1] if self.snapshots else None
        if newest and newest.catalogue == today and newest.golden == golden:
            return None
        return Snapshot(number=len(self.snapshots) + 1, previous=self.last, golden=golden, catalogue=today)


def read_chain(folder: Path) -> Chain:
    """The snapshots in the folder; those behind a fault are still read, so that the check says all at once."""
    snapshots: list[Snapshot] = []
    faults: list[str] = []
    last: str | None = None
    for path in sorted(folder.glob("*.json")):
        content = path.read_bytes()
        try:
            snapshots.append(Snapshot.model_validate_json(content))
        except ValidationError as error:
            faults.append(f"{path.name} is no snapshot: {error.errors(include_url=False)[0]['msg']}")
        else:
            faults += _faults_in(path.name, len(snapshots), snapshots[-1], last)
        last = sha256(content).hexdigest()
    return Chain(tuple(snapshots), last, tuple(faults))


def _faults_in(name: str, expected: int, snapshot: Snapshot, last: str | None) -> Iterator[str]:
    if snapshot.number != expected or name != file_name(expected):
        yield f"{name}: snapshots are numbered without gaps, and this should be {file_name(expected)}"
    if snapshot.previous != last:
        yield f"{name}: the snapshot before it is not the one that was published: it names another SHA-256"


def file_name(number: int) -> str:
    """`0001.json`."""
    return f"{number:04}.json"


def content_of(snapshot: Snapshot) -> bytes:
    """The snapshot's file."""
    return json_bytes(snapshot.model_dump(mode="json"))


def json_bytes(document: object) -> bytes:
    """JSON as all files of the catalogue are written: two spaces, UTF-8, a line's end at the end."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
