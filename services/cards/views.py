"""The read document of a card, beside its projection and its queries: collection `patient_cards`, one document a card.

    {_id: card id, account_id,
     confirmed: {version of the account's stream, person, trusted, authenticated_at},  what Gosuslugi said last
     stated: {version of the card's stream, relation, person, changed_at},             what the holder stated last
     removed: {version of the card's stream, removed_at}}                              when the holder last removed it

Every event writes one section and no section has two writers: whatever order they come in, the card is removed where
its removal is newer than its statement, and signing in through Gosuslugi does not bring it back.
"""

from collections.abc import Iterable
from typing import assert_never, cast

from eventlog.projector import Collections, Section, Write
from eventlog.store import Document
from medonline_contracts.cards import (
    CardEvent,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardRemoved,
    PatientCardRestored,
    holder_card_id,
)
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, IdentityEvent, PasswordChanged

PATIENT_CARDS = "patient_cards"


def project_card(envelope: Envelope[Event]) -> Iterable[Write]:
    """The section of a card that the event writes, if it is about a card."""
    event = cast(IdentityEvent | CardEvent, envelope.event)
    match event:
        case EsiaAuthenticated():
            content = event.model_dump(mode="json", include={"person", "trusted", "authenticated_at"})
            yield _section(envelope, holder_card_id(event.account_id), "confirmed", event.account_id, content)
        case PatientCardAdded() | PatientCardCorrected() | PatientCardRestored():
            content = {**event.model_dump(mode="json", include={"relation", "person"}), "changed_at": envelope.time}
            yield _section(envelope, envelope.stream_id, "stated", event.account_id, content)
        case PatientCardRemoved():
            content = {"removed_at": envelope.time}
            yield _section(envelope, envelope.stream_id, "removed", event.account_id, content)
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
    """Whether the holder removed the card and has not brought it back."""
    return version_of(document, "removed") > version_of(document, "stated")


class PatientCards:
    """The cards of an account; of another account's cards it knows nothing."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of_account(self, account_id: str) -> list[Document]:
        """All cards of the account, removed ones too."""
        return await self._views[PATIENT_CARDS].find({"account_id": account_id}).to_list()

    async def one(self, account_id: str, card_id: str) -> Document | None:
        """The card, if it is this account's."""
        return await self._views[PATIENT_CARDS].find_one({"_id": card_id, "account_id": account_id})

    async def count(self, account_id: str) -> int:
        """How many cards the account keeps; removed ones count, because they can come back."""
        return await self._views[PATIENT_CARDS].count_documents({"account_id": account_id})
