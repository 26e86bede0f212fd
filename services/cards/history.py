"""The history of a card, beside its projection and its query: collection `card_history`, one row an event.

What changed is worked out when it is asked for, so that rows may arrive in any order: each against the one before it
of the same speaker. A sign-in at which Gosuslugi says the same again is no change and is not shown.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, assert_never, cast

from pydantic import BaseModel

from eventlog.projector import Collections, Row, Write
from eventlog.store import Document
from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardRemoved,
    PatientCardRestored,
    StatedPerson,
    holder_card_id,
)
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, IdentityEvent, PasswordChanged
from services.cards.patient_card import card_part

CARD_HISTORY = "card_history"

Happened = Literal["confirmed", "added", "corrected", "removed", "restored"]
_HAPPENED: dict[type[Event], Happened] = {
    EsiaAuthenticated: "confirmed",
    PatientCardAdded: "added",
    PatientCardCorrected: "corrected",
    PatientCardRemoved: "removed",
    PatientCardRestored: "restored",
}


class HistoryRow(BaseModel):
    """One change: when it was recorded, by whom (Gosuslugi or the card's holder), what, and in which fields."""

    when: datetime
    who: Literal["esia", "holder"]
    what: Happened
    fields: list[str]


def project_history(envelope: Envelope[Event]) -> Iterable[Write]:
    """The row that the event adds to the history of its card, if it is about a card."""
    event = cast(IdentityEvent | CardEvent, envelope.event)
    match event:
        case EsiaAuthenticated():
            yield _row(envelope, holder_card_id(event.account_id), event.account_id, card_part(event.person))
        case PatientCardAdded() | PatientCardCorrected() | PatientCardRestored():
            yield _row(envelope, envelope.stream_id, event.account_id, event.person)
        case PatientCardRemoved():
            yield _row(envelope, envelope.stream_id, event.account_id, None)
        case ConsentGiven() | PasswordChanged():
            pass
        case _:
            assert_never(event)


def _row(envelope: Envelope[Event], card_id: str, account_id: str, person: StatedPerson | None) -> Row:
    content = {
        "card_id": card_id,
        "account_id": account_id,
        "version": envelope.version,
        "time": envelope.time,
        "what": _HAPPENED[type(envelope.event)],
        "person": person and person.model_dump(mode="json"),
    }
    return Row(CARD_HISTORY, f"{envelope.stream_id}:{envelope.version}", content)


def history_of(rows: Sequence[Document]) -> list[HistoryRow]:
    """The visible changes, newest first; `rows` in any order."""
    by_version = sorted(rows, key=lambda row: int(row["version"]))
    esia = [row for row in by_version if row["what"] == "confirmed"]
    holder = [row for row in by_version if row["what"] != "confirmed"]
    changes = [change for change in _changes(esia, "esia") if change.fields] + _changes(holder, "holder")
    return sorted(changes, key=lambda change: change.when)[::-1]


def _changes(rows: Sequence[Document], who: Literal["esia", "holder"]) -> list[HistoryRow]:
    changes: list[HistoryRow] = []
    before = StatedPerson()
    for row in rows:
        now = before if row["person"] is None else StatedPerson.model_validate(row["person"])
        fields = [name for name in StatedPerson.model_fields if getattr(now, name) != getattr(before, name)]
        changes.append(HistoryRow(when=row["time"], who=who, what=row["what"], fields=fields))
        before = now
    return changes


class CardHistory:
    """The histories of an account's cards."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of_card(self, account_id: str, card_id: str) -> list[HistoryRow]:
        """The visible changes of this account's card, newest first."""
        rows = self._views[CARD_HISTORY].find({"card_id": card_id, "account_id": account_id})
        return history_of(await rows.to_list())
