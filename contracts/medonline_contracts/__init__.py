"""The language of Медицина Онлайн: what crosses a service's wall, and nothing else.

A subscriber needs this package alone: `parse` turns a Kafka record into a frozen, typed event.
"""

from medonline_contracts.envelope import (
    Envelope,
    Event,
    NewerVersion,
    Tombstone,
    Unreadable,
)
from medonline_contracts.wire import parse

__all__ = ["Envelope", "Event", "NewerVersion", "Tombstone", "Unreadable", "parse"]
