"""The topics: who writes them, who reads them, what is in them and how long it is kept."""

from dataclasses import dataclass, field
from typing import get_args

from medonline_contracts.cards import CardEvent, PatientCardState
from medonline_contracts.envelope import Event
from medonline_contracts.identity import IdentityEvent
from medonline_contracts.settings import SettingsEvent


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic: its key, its one producer, its readers inside the house, and its configuration."""

    name: str
    key: str
    producer: str
    consumers: tuple[str, ...]
    events: tuple[type[Event], ...]
    partitions: int = 6
    config: dict[str, str] = field(default_factory=lambda: {"cleanup.policy": "delete", "retention.ms": "-1"})


_COMPACTED = {"cleanup.policy": "compact", "delete.retention.ms": str(30 * 24 * 60 * 60 * 1000)}  # tombstones: 30 days

IDENTITY_EVENTS = Topic("identity.events", "account_id", "identity", ("cards", "settings"), get_args(IdentityEvent))
SETTINGS_EVENTS = Topic("settings.events", "account_id", "settings", ("identity", "settings"), get_args(SettingsEvent))
CARDS_EVENTS = Topic("cards.events", "card_id", "cards", ("cards",), get_args(CardEvent))
CARDS_STATE = Topic("cards.state", "card_id", "cards", (), (PatientCardState,), config=_COMPACTED)

TOPICS = (IDENTITY_EVENTS, SETTINGS_EVENTS, CARDS_EVENTS, CARDS_STATE)

EVENT_TYPES: dict[str, type[Event]] = {event.type_name(): event for topic in TOPICS for event in topic.events}
