"""What `cards.state` says of a card: the document of the view as a record for other hospital systems; pure."""

from datetime import datetime
from uuid import UUID, uuid5

from eventlog.state_feed import Record
from eventlog.store import Document
from medonline_contracts.cards import CardPerson, PatientCardState, Relation, holder_card_id
from medonline_contracts.envelope import Origin
from medonline_contracts.wire import headers_of, value_of
from services.cards.views import card_version, is_removed, statement_of, version_of

_STATE = UUID("0f1d7a52-3b36-5c7e-8a54-2d6f1c9be0a4")


def state_of(document: Document) -> Record | None:
    """The record of a card; a tombstone when it is removed; none while Gosuslugi's word on the own card is to come."""
    card_id: str = document["_id"]
    if is_removed(document):
        return {"key": card_id.encode(), "value": None, "headers": []}
    if "confirmed" not in document and card_id == holder_card_id(document["account_id"]):
        return None
    state = card_state(document)
    version = version_of(document, "confirmed") + card_version(document)  # neither ever falls
    state_id = str(uuid5(_STATE, f"{card_id}:{version}"))  # said again it is the same record
    headers = headers_of(
        type_name=state.type_name(),
        id=state_id,
        source="/medonline/cards",
        stream_id=card_id,
        version=version,
        time=max(time for time in (state.authenticated_at, state.changed_at) if time),
        origin=Origin(state_id),
    )
    return {"key": card_id.encode(), "value": value_of(state), "headers": headers}


def card_state(document: Document) -> PatientCardState:
    """The card as a document of the view has it."""
    confirmed, stated = document.get("confirmed"), statement_of(document)
    return PatientCardState(
        account_id=document["account_id"],
        relation=stated["relation"] if stated else Relation.SELF,
        trusted=confirmed["trusted"] if confirmed else None,
        authenticated_at=datetime.fromisoformat(confirmed["authenticated_at"]) if confirmed else None,
        changed_at=stated["changed_at"] if stated else None,
        person=CardPerson.model_validate(
            {"confirmed": confirmed and confirmed["person"], "stated": stated and stated["person"]}
        ),
    )
