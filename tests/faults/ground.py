"""The ground that faults strike: one log, its topic, a view of it and reactions to it, under names nobody else has."""

import json
from dataclasses import dataclass, field
from uuid import uuid4

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.access import KafkaAccess
from eventlog.projection import Projection
from eventlog.projector import Row, Section, Write
from eventlog.reactor import React, Reaction
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.topics import Topic

VIEWS, ROWS, COUNTS = "views", "rows", "counts"
UNFOLDABLE = 13  # the number of an event that the projection cannot fold


@dataclass(frozen=True, slots=True)
class Ground:
    """Where everything is: the log and the view in the database `name`, the reactions in a second one."""

    bootstrap_servers: str
    mongodb_uri: str
    name: str = field(default_factory=lambda: f"faults_{uuid4().hex[:16]}")
    partitions: int = 3

    @property
    def kafka(self) -> KafkaAccess:
        """Kafka, open to all."""
        return KafkaAccess(self.bootstrap_servers)

    @property
    def topic(self) -> Topic:
        """The topic of the log."""
        return Topic(self.name, "stream", "faults", (), (PasswordChanged,), partitions=self.partitions)

    @property
    def state_topic(self) -> Topic:
        """Compacted: how each document of the view stands."""
        name, config = f"{self.name}.state", {"cleanup.policy": "compact"}
        return Topic(name, "document", "faults", (), (), partitions=self.partitions, config=config)

    @property
    def view_group(self) -> str:
        """The consumer group of the view."""
        return f"{self.name}.view"

    @property
    def reactor_group(self) -> str:
        """The consumer group of the reactions."""
        return f"{self.name}.reactor"

    @property
    def projection(self) -> Projection:
        """The view as a service declares it."""
        return Projection(self.view_group, [self.topic], project, {VIEWS: (), ROWS: ()})

    def store(self, client: AsyncMongoClient[Document]) -> EventStore:
        """The log."""
        return EventStore(client[self.name], "faults")

    def answers(self, client: AsyncMongoClient[Document]) -> EventStore:
        """The log that the reactions are appended to."""
        return EventStore(client[f"{self.name}_answers"], "answers")


def event(number: int, text: str = "") -> PasswordChanged:
    """Any event: the number tells them apart, the text makes them large or small."""
    return PasswordChanged(account_id=text, credential_version=number)


def said_in(envelope: Envelope[Event]) -> Document:
    """What was given to `event`."""
    assert isinstance(envelope.event, PasswordChanged)
    return {"number": envelope.event.credential_version, "text": envelope.event.account_id}


def project(envelope: Envelope[Event]) -> list[Write]:
    """A section of a document that two streams share (`7.left`, `7.right`), and a row."""
    said = said_in(envelope)
    if said["number"] == UNFOLDABLE:
        raise ValueError("a fold that fails")
    document, _, side = envelope.stream_id.partition(".")
    return [
        Section(VIEWS, document, side, envelope.version, said, {"document": document}),
        Row(ROWS, f"{envelope.stream_id}:{envelope.version}", said),
    ]


def state_of(document: Document) -> Document:
    """A document of the view as the state feed tells it."""
    return {"key": document["_id"].encode(), "value": json.dumps(document, sort_keys=True).encode(), "headers": []}


def react_in(answers: EventStore) -> React:
    """Answer each event on a stream of its own, and count the answers in the same transaction."""

    async def react(envelope: Envelope[Event]) -> Reaction:
        stream = answer_to(envelope.stream_id)

        async def count(session: AsyncClientSession) -> None:
            counted = {"$inc": {"answers": 1}}
            await answers.database[COUNTS].update_one({"_id": stream}, counted, upsert=True, session=session)

        return Reaction(stream, len(await answers.read(stream)), [envelope.event], count)

    return react


def answer_to(stream_id: str) -> str:
    """The stream of the answers to this stream."""
    return f"answers.{stream_id}"
