"""A patient card as the API shows it: what Gosuslugi confirmed, what its holder stated, what follows; pure."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from eventlog.store import Document
from medonline_contracts.cards import Relation, StatedDocument, StatedPerson
from medonline_contracts.identifiers import parse_snils
from medonline_contracts.person import Contact, EsiaPerson, Gender, IdentityDocument, OmsPolicy
from services.cards.likeness import folded
from services.cards.statement import NOTHING_STATED, needs_ground
from services.cards.views import card_version, statement_of


class ConfirmedPerson(BaseModel):
    """What Gosuslugi handed over, byte for byte."""

    family_name: str
    given_name: str
    middle_name: str | None
    birth_date: date
    gender: Gender | None
    snils: str | None
    citizenship: str | None
    identity_document: IdentityDocument | None
    oms_policy: OmsPolicy | None
    phone: Contact | None
    email: Contact | None


class PatientCardView(BaseModel):
    """A card.

    `effective` is what holds of both: Gosuslugi's word first, the holder's where Gosuslugi gave none. The lists name
    fields of `effective`: where both spoke and differ, where Gosuslugi's value fails its check, where nobody spoke.
    `ground` is missing while it is not known of a relative who has come of age.
    `version` is what a correction or removal has to name; 0 while the holder has stated nothing.
    """

    card_id: str
    relation: Relation
    version: int
    title: str
    confirmed: ConfirmedPerson | None
    trusted: bool | None
    authenticated_at: datetime | None
    stated: StatedPerson | None
    changed_at: datetime | None
    effective: StatedPerson
    differs: list[str]
    to_check: list[str]
    missing: list[str]


def view_of(document: Document, now: datetime) -> PatientCardView:
    """The card that a document of `patient_cards` holds, as it is at this time."""
    confirmed_section, stated_section = document.get("confirmed"), statement_of(document)
    esia = EsiaPerson.model_validate(confirmed_section["person"]) if confirmed_section else None
    stated = stated_in(document)
    confirmed = card_part(esia) if esia else NOTHING_STATED
    effective = effective_of(confirmed, stated or NOTHING_STATED)
    relation = Relation(stated_section["relation"]) if stated_section else Relation.SELF
    lacks_ground = effective.ground is None and needs_ground(relation, effective, now)
    return PatientCardView(
        card_id=document["_id"],
        relation=relation,
        version=card_version(document),
        title=_title(effective),
        confirmed=ConfirmedPerson.model_validate(esia.model_dump()) if esia else None,
        trusted=confirmed_section["trusted"] if confirmed_section else None,
        authenticated_at=confirmed_section["authenticated_at"] if confirmed_section else None,
        stated=stated,
        changed_at=stated_section["changed_at"] if stated_section else None,
        effective=effective,
        differs=_differing(confirmed, stated or NOTHING_STATED),
        to_check=_to_check(esia) if esia else [],
        missing=[*_missing(effective), *(["ground"] if lacks_ground else [])],
    )


def confirmed_in(document: Document) -> StatedPerson | None:
    """What Gosuslugi said of whom the document of `patient_cards` is about."""
    section = document.get("confirmed")
    return card_part(EsiaPerson.model_validate(section["person"])) if section else None


def stated_in(document: Document) -> StatedPerson | None:
    """What the holder stated of whom the document of `patient_cards` is about."""
    section = statement_of(document)
    return StatedPerson.model_validate(section["person"]) if section else None


def card_part(esia: EsiaPerson) -> StatedPerson:
    """Of what Gosuslugi says, the part that a card shows and that its holder could state as well."""
    known = esia.model_dump(include=StatedPerson.model_fields.keys() - {"enp", "insurer", "phone"})
    policy, phone = esia.oms_policy, esia.phone
    return StatedPerson.model_validate(
        {
            **known,
            "enp": policy and policy.enp,
            "insurer": policy and policy.insurer,
            "phone": phone and phone.value,
        }
    )


def effective_of(confirmed: StatedPerson, stated: StatedPerson) -> StatedPerson:
    """What holds of both: Gosuslugi's word first."""
    return stated.model_copy(
        update={field: value for field in StatedPerson.model_fields if (value := getattr(confirmed, field)) is not None}
    )


def _differing(confirmed: StatedPerson, stated: StatedPerson) -> list[str]:
    pairs = {field: (getattr(confirmed, field), getattr(stated, field)) for field in StatedPerson.model_fields}
    return [
        field
        for field, (one, other) in pairs.items()
        if one is not None and other is not None and _compared(one) != _compared(other)
    ]


def _compared(value: Any) -> Any:
    """What counts in a comparison: not how it is written; of a document its number, not its issuer."""
    match value:
        case str():
            return folded(value)
        case StatedDocument():
            return _compared(f"{value.series}{value.number}")
        case _:
            return value


def _missing(effective: StatedPerson) -> list[str]:
    return [field for field in ("identity_document", "snils") if getattr(effective, field) is None]


def _to_check(esia: EsiaPerson) -> list[str]:
    policy = esia.oms_policy
    wrong = ["enp"] if policy and policy.enp and not policy.enp_valid else []
    return wrong if esia.snils is None or _is_snils(esia.snils) else ["snils", *wrong]


def _is_snils(text: str) -> bool:
    try:
        parse_snils(text)
    except ValueError:
        return False
    return True


def _title(person: StatedPerson) -> str:
    return " ".join(filter(None, (person.family_name, person.given_name, person.middle_name))).upper()
