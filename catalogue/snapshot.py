"""The catalogue as data: topics, keys, headers and schemas, today's or as a snapshot keeps them. Words are left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from catalogue.schemas import headers_schema, schema_of, substance
from medonline_contracts.topics import TOPICS, Topic
from medonline_contracts.upcasting import UPCASTERS


class TopicForm(BaseModel):
    """A topic as its subscribers see it; `events` are CloudEvents types, `readers` the roles that may read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    producer: str
    consumers: tuple[str, ...]
    partitions: int
    config: dict[str, str]
    events: tuple[str, ...]
    readers: tuple[str, ...] = ()


class Catalogue(BaseModel):
    """All that crosses the wall. `upcast` are the types that are written no more and read all the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    headers: dict[str, Any]
    topics: dict[str, TopicForm]
    schemas: dict[str, dict[str, Any]]
    upcast: tuple[str, ...] = ()


class Snapshot(BaseModel):
    """A catalogue as it was published; `previous` is the SHA-256 of the snapshot before, `golden` those of records."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    number: int
    previous: str | None
    golden: dict[str, str]
    catalogue: Catalogue


def today(topics: Sequence[Topic] = TOPICS, upcasters: Mapping[str, object] = UPCASTERS) -> Catalogue:
    """The catalogue of the code as it is."""
    return Catalogue(
        headers=substance(headers_schema()),
        topics={topic.name: _topic(topic) for topic in topics},
        schemas={event.type_name(): substance(schema_of(event)) for topic in topics for event in topic.events},
        upcast=tuple(sorted(upcasters)),
    )


def _topic(topic: Topic) -> TopicForm:
    return TopicForm(
        key=topic.key,
        producer=topic.producer,
        consumers=topic.consumers,
        partitions=topic.partitions,
        config=topic.config,
        events=tuple(event.type_name() for event in topic.events),
        readers=topic.readers,
    )
