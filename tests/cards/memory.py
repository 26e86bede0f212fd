"""Views without a database: what the projection says to write, written into dictionaries."""

from collections.abc import Iterable

from eventlog.projector import Row, Section
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from services.cards.history import CARD_HISTORY
from services.cards.listeners import project
from services.cards.views import PATIENT_CARDS


class Memory:
    """Views as plain dictionaries, written as the projector writes them; `rows` are those of the histories."""

    def __init__(self) -> None:
        self.cards: dict[str, Document] = {}
        self.rows: dict[str, Document] = {}
        self._views = {PATIENT_CARDS: self.cards, CARD_HISTORY: self.rows}

    def apply(self, envelopes: Iterable[Envelope[Event]]) -> None:
        for envelope in envelopes:
            for write in project(envelope):
                documents = self._views.get(write.collection, {})
                match write:
                    case Section():
                        document = documents.setdefault(write.id, {"_id": write.id, **write.owner})
                        if document.get(write.name, {"version": 0})["version"] < write.version:
                            document[write.name] = {**write.content, "version": write.version}
                    case Row():
                        documents.setdefault(write.id, write.content)
