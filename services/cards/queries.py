"""What the reading half of the API asks of the views: an account's cards, waiting for what the asker has just done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from eventlog.process import wait_until
from eventlog.store import Document
from medonline_contracts.cards import Relation, holder_card_id
from services.cards.family import AlikeCards, alike_cards
from services.cards.patient_card import PatientCardView, view_of
from services.cards.retention import RESTORABLE_FOR, is_over
from services.cards.views import PatientCards, card_version, is_erased, is_removed, version_of


class RemovedCard(BaseModel):
    """A card that can be brought back, until `restorable_until` as it was.

    One's own can be made anew for ever; once it cannot be restored any more, nothing but its id is told of it.
    """

    card_id: str
    relation: Relation
    title: str
    removed_at: datetime | None
    restorable_until: datetime | None


class CardList(BaseModel):
    """An account's cards: the holder's own first, then by name.

    `alike` are those that seem to be of one person. `complete` is false while something that was asked for, or the
    holder's own card, is still being made.
    """

    cards: list[PatientCardView]
    removed: list[RemovedCard]
    alike: list[AlikeCards]
    complete: bool


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the asker knows to have happened: versions of the account's stream and of a card's."""

    account_version: int | None = None
    card_id: str | None = None
    card_version: int | None = None

    def seen_in(self, documents: Sequence[Document], own_card_id: str) -> bool:
        """Whether the documents tell of it."""
        by_id = {document["_id"]: document for document in documents}
        confirmed = version_of(by_id.get(own_card_id, {}), "confirmed")
        stated = card_version(by_id.get(self.card_id or "", {}))
        return confirmed >= (self.account_version or 0) and stated >= (self.card_version or 0)


async def list_cards(cards: PatientCards, account_id: str, awaited: Awaited, now: datetime) -> CardList:
    """The cards of an account as soon as they tell of what is awaited, or as they are after two seconds.

    Who awaits nothing is answered at once, even while the holder's own card is still being made.
    """
    own_card_id = holder_card_id(account_id)
    documents: list[Document] = []

    async def seen() -> bool:
        nonlocal documents
        documents = await cards.of_account(account_id)
        return awaited.seen_in(documents, own_card_id)

    all_seen = await wait_until(seen)
    return list_of(documents, own_card_id, all_seen, now)


def list_of(documents: Sequence[Document], own_card_id: str, all_seen: bool, now: datetime) -> CardList:
    """The list that these documents make at this time; the own card is shown once Gosuslugi's word has arrived."""
    own_is_made = any(d["_id"] == own_card_id and "confirmed" in d for d in documents)
    shown = [d for d in documents if not is_removed(d) and ("confirmed" in d or d["_id"] != own_card_id)]
    removed = [
        _removed(d, now) for d in documents if is_removed(d) and (d["_id"] == own_card_id or _restorable(d, now))
    ]
    cards = sorted((view_of(d, now) for d in shown), key=_own_first_then_by_name)
    return CardList(
        cards=cards,
        removed=sorted(removed, key=_own_first_then_by_name),
        alike=alike_cards(cards),
        complete=all_seen and own_is_made,
    )


def _restorable(document: Document, now: datetime) -> bool:
    return not is_erased(document) and not is_over(document["removed"]["removed_at"], now)


def _removed(document: Document, now: datetime) -> RemovedCard:
    if not _restorable(document, now):
        return RemovedCard(
            card_id=document["_id"], relation=Relation.SELF, title="", removed_at=None, restorable_until=None
        )
    card, removed_at = view_of(document, now), document["removed"]["removed_at"]
    return RemovedCard(
        card_id=card.card_id,
        relation=card.relation,
        title=card.title,
        removed_at=removed_at,
        restorable_until=removed_at + RESTORABLE_FOR,
    )


def _own_first_then_by_name(card: PatientCardView | RemovedCard) -> tuple[bool, str]:
    return card.relation is not Relation.SELF, card.title.replace("Ё", "Е")


async def find_card(cards: PatientCards, account_id: str, card_id: str, version: int) -> Document | None:
    """This account's card, as soon as it is at the version or as it is after two seconds."""
    document: Document | None = None

    async def at_version() -> bool:
        nonlocal document
        document = await cards.one(account_id, card_id)
        return document is not None and card_version(document) >= version

    await wait_until(at_version, seconds=2.0 if version else 0.0)
    return document
