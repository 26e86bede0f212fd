"""The topics: who writes them, who reads them, what is in them and how long it is kept."""

from dataclasses import dataclass, field
from typing import get_args

from medonline_contracts.cards import CardEvent
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


IDENTITY_EVENTS = Topic("identity.events", "account_id", "identity", ("cards", "settings"), get_args(IdentityEvent))
SETTINGS_EVENTS = Topic("settings.events", "account_id", "settings", ("identity", "settings"), get_args(SettingsEvent))
CARDS_EVENTS = Topic("cards.events", "card_id", "cards", ("cards",), get_args(CardEvent))

TOPICS = (IDENTITY_EVENTS, SETTINGS_EVENTS, CARDS_EVENTS)

EVENT_TYPES: dict[str, type[Event]] = {event.type_name(): event for topic in TOPICS for event in topic.events}
