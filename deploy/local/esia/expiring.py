"""Gosuslugi stand-in: a bounded shelf of things that expire (sessions, sign-ins, authorization codes).

Everything the stand-in remembers lives in one of these, so that neither time nor a flood of requests makes it
grow: the oldest entry leaves when the shelf is full, an expired one is as good as gone.
"""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

V = TypeVar("V")


class Expiring(Generic[V]):
    """A mapping whose entries live for `lifetime` after they were last put; holds at most `limit` of them."""

    def __init__(self, lifetime: timedelta, limit: int = 10_000) -> None:
        self._lifetime = lifetime
        self._limit = limit
        self._rows: dict[str, tuple[datetime, V]] = {}

    def put(self, key: str, value: V, now: datetime) -> None:
        self._rows.pop(key, None)
        self._rows[key] = (now + self._lifetime, value)
        while len(self._rows) > self._limit or self._oldest_expires_at() <= now:
            del self._rows[next(iter(self._rows))]

    def get(self, key: str, now: datetime) -> V | None:
        row = self._rows.get(key)
        return row[1] if row and now < row[0] else None

    def take(self, key: str, now: datetime) -> V | None:
        """What `get` answers, and the entry is gone: for what may be used once."""
        value = self.get(key, now)
        self._rows.pop(key, None)
        return value

    def __len__(self) -> int:
        return len(self._rows)

    def _oldest_expires_at(self) -> datetime:
        return next(iter(self._rows.values()))[0]
