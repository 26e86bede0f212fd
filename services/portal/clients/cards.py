"""Cards as the portal sees them: what Gosuslugi confirmed and what the holder stated, side by side."""

from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel

from medonline_contracts.cards import Relation, StatedPerson
from medonline_contracts.person import Contact, Gender, IdentityDocument, OmsPolicy
from services.portal.clients.http import ServiceClient


class ConfirmedPerson(BaseModel):
    """What Gosuslugi said of the person, as far as a page shows it."""

    family_name: str
    given_name: str
    middle_name: str | None = None
    birth_date: date
    gender: Gender | None = None
    snils: str | None = None
    citizenship: str | None = None
    identity_document: IdentityDocument | None = None
    oms_policy: OmsPolicy | None = None
    phone: Contact | None = None


class PatientCard(BaseModel):
    """One card; `version` is what a change has to name, `effective` what holds of both sides, Gosuslugi's word first.

    `differs`, `to_check` and `missing` name fields of `effective`; `missing` `ground` only where it has to be known.
    """

    card_id: str
    relation: Relation
    version: int
    title: str
    confirmed: ConfirmedPerson | None = None
    trusted: bool | None = None
    stated: StatedPerson | None = None
    effective: StatedPerson
    differs: list[str] = []
    to_check: list[str] = []
    missing: list[str] = []


class RemovedCard(BaseModel):
    """A card that its holder removed; null where it can only be made anew."""

    card_id: str
    relation: Relation
    title: str
    restorable_until: datetime | None


class AlikeCards(BaseModel):
    """Two cards that seem to be of one person: by the names of `numbers` or, without, by names and birth date.

    With numbers, `card_id` is a relative's card that can be joined with the holder's own, `other_card_id`.
    """

    card_id: str
    other_card_id: str
    numbers: list[str]


class PatientCards(BaseModel):
    """The cards of an account; `complete` is false while the holder's own is still being made."""

    cards: list[PatientCard]
    removed: list[RemovedCard] = []
    alike: list[AlikeCards] = []
    complete: bool


class HistoryRow(BaseModel):
    """Who changed what on a card, and when."""

    when: datetime
    who: Literal["esia", "holder"]
    what: Literal["confirmed", "added", "corrected", "removed", "joined", "restored"]
    fields: list[str]


class Changed(BaseModel):
    """A change took place: the card and its version now."""

    card_id: str
    version: int


class Joined(Changed):
    """The relative's card, now removed, and the holder's own."""

    own: Changed


class CardsClient(ServiceClient):
    """The person's own cards only: of another's they answer 404."""

    service = "cards"

    async def all(self, **known: object) -> PatientCards:
        """All cards; waits up to two seconds for `account_version`, or for `card_id` at `card_version`."""
        return PatientCards.model_validate_json((await self.call("GET", "/api/cards", params=known)).content)

    async def one(self, card_id: str, version: int | None = None) -> PatientCard:
        """One card, up to two seconds later where it is not at the version yet; a 404 problem where there is none."""
        answer = await self.call("GET", _path(card_id), params={"version": version})
        return PatientCard.model_validate_json(answer.content)

    async def add(self, request_id: str, stated: dict[str, Any]) -> Changed:
        """A relative's card; the same `request_id` twice has one effect."""
        body = {"request_id": request_id, **stated}
        return Changed.model_validate_json((await self.call("POST", "/api/cards", json=body)).content)

    async def correct(self, card_id: str, expected_version: int, stated: dict[str, Any]) -> Changed:
        """Replace what is stated; a 409 problem where somebody else changed the card meanwhile."""
        body = {"expected_version": expected_version, **stated}
        return Changed.model_validate_json((await self.call("PUT", _path(card_id), json=body)).content)

    async def take_from_esia(self, card_id: str, expected_version: int, field: str) -> Changed:
        """Let Gosuslugi's word hold for this field of one's own card; a 409 problem where the card was changed."""
        body = {"expected_version": expected_version, "field": field}
        answer = await self.call("POST", _path(card_id) + "/confirmed-value", json=body)
        return Changed.model_validate_json(answer.content)

    async def join(self, card_id: str, expected_version: int) -> Joined:
        """Join a relative's card with one's own; a 409 problem where it was changed, or is another person's."""
        answer = await self.call("POST", _path(card_id) + "/joining", json={"expected_version": expected_version})
        return Joined.model_validate_json(answer.content)

    async def remove(self, card_id: str, expected_version: int) -> Changed:
        """Remove the card; removing it again changes nothing."""
        answer = await self.call("DELETE", _path(card_id), params={"expected_version": expected_version})
        return Changed.model_validate_json(answer.content)

    async def restore(self, card_id: str, anew: bool) -> Changed:
        """Bring a removed card back, or make it `anew`, with nothing stated on it."""
        answer = await self.call("POST", _path(card_id) + "/restoration", json={"anew": anew})
        return Changed.model_validate_json(answer.content)

    async def history(self, card_id: str) -> list[HistoryRow]:
        """What happened to the card, newest first."""
        answer = await self.call("GET", _path(card_id) + "/history")
        return [HistoryRow.model_validate(row) for row in answer.json()]


def _path(card_id: str) -> str:
    return f"/api/cards/{quote(card_id, safe='')}"
