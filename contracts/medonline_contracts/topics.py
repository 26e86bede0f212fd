"""The topics: who writes them, who may read them, what is in them and how long it is kept."""

from dataclasses import dataclass, field
from typing import get_args

from medonline_contracts.cards import CardEvent, PatientCardState
from medonline_contracts.envelope import Event
from medonline_contracts.identity import IdentityEvent
from medonline_contracts.settings import SettingsEvent


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic: its key, its one producer, its consumers inside the house, its configuration.

    `readers` may read it: services, and roles of those outside. Whoever is not named may not, but for the operators.
    """

    name: str
    key: str
    producer: str
    consumers: tuple[str, ...]
    events: tuple[type[Event], ...]
    partitions: int = 6
    config: dict[str, str] = field(default_factory=lambda: {"cleanup.policy": "delete", "retention.ms": "-1"})
    readers: tuple[str, ...] = ()


HOSPITAL = "hospital"  # the role of every other system; of settings.events, where people set things, it reads nothing
_DAY_MS = 24 * 60 * 60 * 1000
_COMPACTED = {
    "cleanup.policy": "compact",
    "delete.retention.ms": str(30 * _DAY_MS),  # tombstones
    # What was said of a removed person goes in a week; by itself Kafka keeps it for months where little is written.
    "max.compaction.lag.ms": str(7 * _DAY_MS),
    "segment.ms": str(_DAY_MS),
}

IDENTITY_EVENTS = Topic(
    "identity.events",
    "account_id",
    "identity",
    ("cards", "settings"),
    get_args(IdentityEvent),
    readers=("cards", "settings", HOSPITAL),
)
SETTINGS_EVENTS = Topic(
    "settings.events",
    "account_id",
    "settings",
    ("identity", "settings"),
    get_args(SettingsEvent),
    readers=("identity", "settings"),
)
CARDS_EVENTS = Topic("cards.events", "card_id", "cards", ("cards",), get_args(CardEvent), readers=("cards", HOSPITAL))
CARDS_STATE = Topic(
    "cards.state", "card_id", "cards", (), (PatientCardState,), config=_COMPACTED, readers=("cards", HOSPITAL)
)

TOPICS = (IDENTITY_EVENTS, SETTINGS_EVENTS, CARDS_EVENTS, CARDS_STATE)

EVENT_TYPES: dict[str, type[Event]] = {event.type_name(): event for topic in TOPICS for event in topic.events}
