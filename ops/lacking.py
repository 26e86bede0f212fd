"""Ops, lacking: which versions of which streams a log lacks, for topics of many millions of events.

Of an event two numbers are kept, 16 bytes: its version and a fingerprint of its id, enough to tell the same event read
twice from another one of that version. Streams are kept by their names.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal

Put = Literal["new", "again", "other"]


class Lacking:
    """What is put here is what the log lacks; of two events with one stream and version the first one stays."""

    def __init__(self) -> None:
        self._streams: dict[str, array[int]] = {}  # versions in order, each before its event's fingerprint

    def put(self, stream_id: str, version: int, id: str) -> Put:
        """Whether the event is `new`, was put here before (`again`), or finds an `other` one with its version."""
        kept = self._streams.setdefault(stream_id, array("q"))
        fingerprint = hash(id)
        at = 2 * bisect_left(range(len(kept) // 2), version, key=lambda number: kept[2 * number])
        if at < len(kept) and kept[at] == version:
            return "again" if kept[at + 1] == fingerprint else "other"
        kept[at:at] = array("q", (version, fingerprint))
        return "new"

    def streams(self) -> list[str]:
        """The streams that lack something, in order."""
        return sorted(self._streams)

    def versions(self, stream_id: str) -> Iterable[int]:
        """The versions that this stream lacks, in order."""
        return self._streams[stream_id][::2]

    def __len__(self) -> int:
        """How many streams lack something."""
        return len(self._streams)
