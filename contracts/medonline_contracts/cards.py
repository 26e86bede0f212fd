"""The events of patient cards: what their holder stated. What Gosuslugi confirmed comes with `EsiaAuthenticated`.

Stream and key: the card's id. Topic: `cards.events`. Every event carries the whole of what is stated on the card.
`PatientCardState` is the card as it stands now, in the compacted topic `cards.state`.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from medonline_contracts.envelope import Event
from medonline_contracts.person import EsiaPerson, Gender

_HOLDER_CARD = UUID("6f2d1f0e-5a0b-5c1e-9d3c-3a1f6f4b7c21")


def holder_card_id(account_id: str) -> str:
    """The id of the holder's own card: made of the account's, so that whoever knows one finds the other."""
    return str(uuid5(_HOLDER_CARD, account_id))


class Relation(StrEnum):
    """Whose card it is, seen from the holder of the account."""

    SELF = "self"
    CHILD = "child"
    PARENT = "parent"
    SPOUSE = "spouse"
    WARD = "ward"
    OTHER = "other"


class Ground(StrEnum):
    """On what ground a holder keeps the card of a relative who has come of age.

    Their own consent, or what makes the holder their representative (152-ФЗ, art. 9 (1, 6)): a power of attorney
    (ГК РФ, art. 185) or guardianship (ГК РФ, art. 29 and 30).
    """

    CONSENT = "consent"
    POWER_OF_ATTORNEY = "power_of_attorney"
    GUARDIANSHIP = "guardianship"


class StatedDocument(BaseModel):
    """An identity document as the holder typed it; `type` is ЕСИА's RF_PASSPORT, RF_BRTH_CERT or FRGN_PASS."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: str
    series: str | None = None
    number: str
    issued_on: date | None = None
    issued_by: str | None = None
    department_code: str | None = None


class StatedPerson(BaseModel):
    """All that the holder stated on a card; null where nothing was stated.

    `ground` is stated of a relative of 18 or older, of nobody else. It is personal as the rest is: guardianship of an
    adult says that a court found them incapable (ГК РФ, art. 29).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    family_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    birth_date: date | None = None
    gender: Gender | None = None
    snils: str | None = None
    enp: str | None = None
    insurer: str | None = None
    identity_document: StatedDocument | None = None
    phone: str | None = None
    ground: Ground | None = None


class PatientCardAdded(Event):
    """A card was added by its holder: a relative's, or their own made anew after it had been removed."""

    account_id: str
    relation: Relation
    person: StatedPerson


class PatientCardCorrected(Event):
    """The holder changed what is stated on the card."""

    account_id: str
    relation: Relation
    person: StatedPerson


class PatientCardRemoved(Event):
    """The holder removed the card: it can be brought back for 30 days.

    `removed_at` is null on records of before it was written: then the record's time holds. `replaced_by` names the
    card of the same person with which the holder joined this one.
    """

    account_id: str
    removed_at: datetime | None = None
    replaced_by: str | None = None


class PatientCardRestored(Event):
    """The holder brought a removed card back, with what had been stated on it."""

    account_id: str
    relation: Relation
    person: StatedPerson


class PatientCardErased(Event):
    """The 30 days are over: what the holder had stated on the removed card is gone from every view.

    A relative's card is gone for good. One's own, which Gosuslugi fills in, may still be made anew.
    """

    account_id: str


class CardPerson(BaseModel):
    """Who a card is about: what Gosuslugi confirmed and what the holder stated; null where nobody has yet."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    confirmed: EsiaPerson | None
    stated: StatedPerson | None


class PatientCardState(Event):
    """A card as it stands: the latest under a card's id holds, a null value says that the card is gone.

    The stream version rises with every change of the card, by one or more. `trusted` and `authenticated_at` are
    Gosuslugi's, `changed_at` is when the holder last stated something.
    """

    account_id: str
    relation: Relation
    trusted: bool | None
    authenticated_at: datetime | None
    changed_at: datetime | None
    person: CardPerson


CardEvent = PatientCardAdded | PatientCardCorrected | PatientCardRemoved | PatientCardRestored | PatientCardErased
