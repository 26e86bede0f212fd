"""The history of a card, beside its projection and its query: collection `card_history`, one document an event.

    {_id: stream:version, card_id, account_id,
     change: {version of the last event that wrote it, number, time, what, said}}
    {_id: stream:erased, card_id, account_id, erased: {version of the last erasure}}

What changed is worked out when it is asked for, so that changes may arrive in any order: each against the one before
it of the same speaker. A sign-in at which Gosuslugi says the same again is no change and is not shown. An erasure
overwrites all that came before it in the card's stream, as far as such a stream can reach; nothing before it is read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, assert_never, cast

from pydantic import BaseModel

from eventlog.projector import Collections, Row, Section, Write
from eventlog.store import Document
from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
    holder_card_id,
)
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, IdentityEvent, PasswordChanged
from services.cards.limits import LONGEST_STREAM
from services.cards.patient_card import card_part

CARD_HISTORY = "card_history"
FIELDS = ("relation", *StatedPerson.model_fields)

Happened = Literal["confirmed", "added", "corrected", "removed", "joined", "restored"]


class HistoryRow(BaseModel):
    """One change: when it was recorded, by whom (Gosuslugi or the card's holder), what, and in which fields."""

    when: datetime
    who: Literal["esia", "holder"]
    what: Happened
    fields: list[str]


def project_history(envelope: Envelope[Event]) -> Iterable[Write]:
    """What the event adds to the history of its card, if it is about a card."""
    event = cast(IdentityEvent | CardEvent, envelope.event)
    match event:
        case EsiaAuthenticated():
            yield _confirmed(envelope, event)
        case PatientCardAdded():
            yield _stated(envelope, event, "added")
        case PatientCardCorrected():
            yield _stated(envelope, event, "corrected")
        case PatientCardRestored():
            yield _stated(envelope, event, "restored")
        case PatientCardRemoved():
            yield _stated(envelope, event, "joined" if event.replaced_by else "removed")
        case PatientCardErased():
            yield _section(envelope, event, "erased", "erased", {})
            for number in range(1, min(envelope.version, LONGEST_STREAM) + 1):
                yield _section(envelope, event, str(number), "change", {})
        case ConsentGiven() | PasswordChanged():
            pass
        case _:
            assert_never(event)


def _confirmed(envelope: Envelope[Event], event: EsiaAuthenticated) -> Row:
    """What Gosuslugi says is the account's: nothing overwrites it."""
    said = card_part(event.person).model_dump(mode="json")
    change = {**_change(envelope, "confirmed", said), "version": envelope.version}
    content = {"card_id": holder_card_id(event.account_id), "account_id": event.account_id, "change": change}
    return Row(CARD_HISTORY, f"{envelope.stream_id}:{envelope.version}", content)


def _stated(envelope: Envelope[Event], event: CardEvent, what: Happened) -> Section:
    said = event.model_dump(mode="json", include={"relation", "person"})
    person = said.pop("person", None)
    content = _change(envelope, what, {**said, **person} if person else None)
    return _section(envelope, event, str(envelope.version), "change", content)


def _section(envelope: Envelope[Event], event: CardEvent, place: str, name: str, content: Document) -> Section:
    """What the event writes at this place of its card's history."""
    owner = {"card_id": envelope.stream_id, "account_id": event.account_id}
    return Section(CARD_HISTORY, f"{envelope.stream_id}:{place}", name, envelope.version, content, owner)


def _change(envelope: Envelope[Event], what: Happened, said: Document | None) -> Document:
    return {"number": envelope.version, "time": envelope.time, "what": what, "said": said}


def history_of(documents: Iterable[Document]) -> list[HistoryRow]:
    """The visible changes of one card, newest first; `documents` in any order."""
    written = list(documents)
    erased = max((int(document["erased"]["version"]) for document in written if "erased" in document), default=0)
    kept = (document["change"] for document in written if "what" in document.get("change", {}))
    by_number = sorted(kept, key=lambda change: int(change["number"]))
    esia = [change for change in by_number if change["what"] == "confirmed"]
    holder = [change for change in by_number if change["what"] != "confirmed" and change["number"] > erased]
    rows = [row for row in _rows(esia, "esia") if row.fields] + _rows(holder, "holder")
    return sorted(rows, key=lambda row: row.when)[::-1]


def _rows(changes: Sequence[Document], who: Literal["esia", "holder"]) -> list[HistoryRow]:
    rows: list[HistoryRow] = []
    before: Document = {"relation": Relation.SELF}
    for change in changes:
        said = before if change["said"] is None else {**before, **change["said"]}
        fields = [name for name in FIELDS if said.get(name) != before.get(name)]
        rows.append(HistoryRow(when=change["time"], who=who, what=change["what"], fields=fields))
        before = said
    return rows


class CardHistory:
    """The histories of an account's cards."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of_card(self, account_id: str, card_id: str) -> list[HistoryRow]:
        """The visible changes of this account's card, newest first."""
        rows = self._views[CARD_HISTORY].find({"card_id": card_id, "account_id": account_id})
        return history_of(await rows.to_list())
