"""The read document of a card, beside its projection and its queries: collection `patient_cards`, one document a card.

    {_id: card id, account_id,
     confirmed: {version of the account's stream, person, trusted, authenticated_at},  what Gosuslugi said last
     stated: {version of the card's stream, relation, person, changed_at},     what the holder stated last
     removed: {version of the card's stream, removed_at}}                              when the holder last removed it

No section has two writers: whatever order the events come in, the card is removed where its removal is newer than its
statement, and signing in through Gosuslugi does not bring it back. An erasure overwrites `stated` and `removed` with
nothing but its version, so that nothing older can come back either. What Gosuslugi said is the account's, and stays.
"""

from collections.abc import Iterable
from typing import assert_never, cast

from eventlog.projector import Collections, Section, Write
from eventlog.store import Document
from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    holder_card_id,
)
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, IdentityEvent, PasswordChanged

PATIENT_CARDS = "patient_cards"
ALL = 1_000  # more than an account keeps: they come in one answer


def project_card(envelope: Envelope[Event]) -> Iterable[Write]:
    """The section of a card that the event writes, if it is about a card."""
    event = cast(IdentityEvent | CardEvent, envelope.event)
    match event:
        case EsiaAuthenticated():
            content = event.model_dump(mode="json", include={"person", "trusted", "authenticated_at"})
            yield _section(envelope, holder_card_id(event.account_id), "confirmed", event.account_id, content)
        case PatientCardAdded() | PatientCardCorrected() | PatientCardRestored():
            said = event.model_dump(mode="json", include={"relation", "person"})
            content = {**said, "changed_at": envelope.time}
            yield _section(envelope, envelope.stream_id, "stated", event.account_id, content)
        case PatientCardRemoved():
            content = {"removed_at": envelope.time}
            yield _section(envelope, envelope.stream_id, "removed", event.account_id, content)
        case PatientCardErased():
            for section in ("stated", "removed"):
                yield _section(envelope, envelope.stream_id, section, event.account_id, {})
        case ConsentGiven() | PasswordChanged():
            pass
        case _:
            assert_never(event)


def _section(envelope: Envelope[Event], card_id: str, name: str, account_id: str, content: Document) -> Section:
    return Section(PATIENT_CARDS, card_id, name, envelope.version, content, {"account_id": account_id})


def version_of(document: Document, *sections: str) -> int:
    """The highest version among the named sections; 0 where there is none of them."""
    return max((int(document[section]["version"]) for section in sections if section in document), default=0)


def card_version(document: Document) -> int:
    """The version of the card's own stream, as far as it is known here."""
    return version_of(document, "stated", "removed")


def is_removed(document: Document) -> bool:
    """Whether the holder removed the card and has not brought it back; an erased card, too."""
    removed = version_of(document, "removed")
    return removed > 0 and removed >= version_of(document, "stated")


def is_erased(document: Document) -> bool:
    """Whether what was stated on the removed card is gone for good."""
    return is_removed(document) and "removed_at" not in document["removed"]


def statement_of(document: Document) -> Document | None:
    """What the holder stated: the whole section, unless there is none or it was erased."""
    stated: Document | None = document.get("stated")
    return stated if stated and "person" in stated else None


class PatientCards:
    """The cards of an account; of another account's cards it knows nothing."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of_account(self, account_id: str) -> list[Document]:
        """All cards of the account, removed and erased ones too: one question, however many there are."""
        return await self._views[PATIENT_CARDS].find({"account_id": account_id}, batch_size=ALL).to_list()

    async def one(self, account_id: str, card_id: str) -> Document | None:
        """The card, if it is this account's."""
        return await self._views[PATIENT_CARDS].find_one({"_id": card_id, "account_id": account_id})
