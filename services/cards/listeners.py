"""The Kafka door of the patient cards: what Gosuslugi said and what holders stated, folded into the views."""

from collections.abc import Iterable

from faststream.kafka import KafkaBroker
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.projector import Projector, Write
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import CARDS_EVENTS, IDENTITY_EVENTS
from services.cards.history import project_history
from services.cards.views import project_card

VIEW_GROUP = "cards.view"


def project(envelope: Envelope[Event]) -> Iterable[Write]:
    """All that an event writes into the views of this service."""
    yield from project_card(envelope)
    yield from project_history(envelope)


def listen(broker: KafkaBroker, database: AsyncDatabase[Document], parking: Parking) -> Listener:
    """The consumer group that keeps the views; it runs with the broker."""
    delivery = Delivery(parking, Projector(database, project).apply)
    return Listener(broker, VIEW_GROUP, (IDENTITY_EVENTS, CARDS_EVENTS), delivery.deliver)
