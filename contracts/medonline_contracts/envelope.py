"""The envelope: what every event carries beside its own data.

Attribute names follow CloudEvents 1.0; `stream_id` and `version` say where in the log the event stands.
Pure: no clock, no randomness, no input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

TYPE_PREFIX = "ru.medonline"


class Event(BaseModel):
    """Something that happened, in the past tense; frozen.

    Unknown optional fields are ignored, so that a reader of today understands a writer of tomorrow.
    Personal data stands in the field `person` and nowhere else.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    event_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, made of the class's own name so that it is written nowhere else."""
        return cls.type_of(cls.event_version)

    @classmethod
    def type_of(cls, version: int) -> str:
        """The CloudEvents type of this event's `version`, an earlier one for example."""
        return f"{TYPE_PREFIX}.{cls.__name__}.v{version}"


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Why an event came to be: the ids that tie it to the request and to the event that caused it."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope(Generic[E_co]):
    """An event as the log holds it.

    `id` is a UUIDv7, `source` the service ("/medonline/identity"), `version` counts from 1 within the stream,
    `time` is when it was recorded (UTC) and orders nothing.
    """

    id: str
    source: str
    stream_id: str
    version: int
    time: datetime
    origin: Origin
    event: E_co


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A null value in a compacted topic: what stood under this key is gone."""

    key: str


class Unreadable(ValueError):
    """A record that is no event of ours; `field` names the header or the part of the data that is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NewerVersion(Exception):
    """A known event in a version that this code does not understand yet: newer code will read it."""

    def __init__(self, type_name: str) -> None:
        super().__init__(f"{type_name} is newer than this code")
        self.type_name = type_name
