"""The Kafka door of the patient cards: what Gosuslugi said and what holders stated, folded into the views."""

from collections.abc import Iterable

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.bus import Bus
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


def listen(bus: Bus, database: AsyncDatabase[Document]) -> None:
    """Keep the views of `database`."""
    bus.listen(VIEW_GROUP, (IDENTITY_EVENTS, CARDS_EVENTS), Projector(database, project).apply)
