"""Ops, batches: what is asked of MongoDB for many at once: a command holds 16 MiB and ends within five seconds."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 1_000

Item = TypeVar("Item")


def in_batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """A thousand of them at once."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
