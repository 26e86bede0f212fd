"""Views without a database: what the projection says to write, written into dictionaries."""

from collections.abc import Iterable

from eventlog.projector import Row, Section
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from services.cards.listeners import project


class Memory:
    """Views as plain dictionaries, written as the projector writes them."""

    def __init__(self) -> None:
        self.cards: dict[str, Document] = {}
        self.rows: dict[str, Document] = {}

    def apply(self, envelopes: Iterable[Envelope[Event]]) -> None:
        for envelope in envelopes:
            for write in project(envelope):
                match write:
                    case Section():
                        card = self.cards.setdefault(write.id, {"_id": write.id, **write.owner})
                        if card.get(write.name, {"version": 0})["version"] < write.version:
                            card[write.name] = {**write.content, "version": write.version}
                    case Row():
                        self.rows.setdefault(write.id, write.content)
