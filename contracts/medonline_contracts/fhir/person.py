"""A card's person as FHIR's Patient, and the account's holder as the RelatedPerson who keeps the card.

What Gosuslugi confirmed bears `use: official`, everything else `use: usual`. Where Gosuslugi and the holder differ,
Gosuslugi's number stands alone (RuCoreIG allows one СНИЛС and one policy) and both names stand side by side.
"""

from medonline_contracts.cards import Ground, PatientCardState, Relation, StatedDocument, StatedPerson
from medonline_contracts.fhir.element import Element, concept, element, first_said, own_identifier, reference, use
from medonline_contracts.fhir.policy import policy_identifier
from medonline_contracts.fhir.systems import (
    DEPARTMENT_CODE,
    DOCUMENT_TYPES,
    IDENTIFIER_TYPES,
    IDENTITY_DOCUMENT,
    ROLES,
    SNILS,
)
from medonline_contracts.person import EsiaPerson, IdentityDocument

_DOCUMENTS = {  # ЕСИА's document types in НСИ's dictionary
    "RF_PASSPORT": ("1", "Паспорт гражданина Российской Федерации"),
    "FRGN_PASS": ("42", "Заграничный паспорт гражданина Российской Федерации"),
    "RF_BRTH_CERT": ("6", "Свидетельство о рождении"),
}
_PASSPORTS = {"RF_PASSPORT", "FRGN_PASS"}  # HL7 has a type for these, and none for a certificate of birth
_HOLDER_IS = {  # a relation says who the patient is to the holder; turned round: who the holder is to the patient
    Relation.CHILD: ("PRN", "parent"),
    Relation.PARENT: ("CHILD", "child"),
    Relation.SPOUSE: ("SPS", "spouse"),
    Relation.WARD: ("GUARD", "guardian"),
}
_KEEPS_IT_AS = {  # on what ground the holder keeps the card of an adult: what that makes them besides
    Ground.POWER_OF_ATTORNEY: ("POWATT", "power of attorney"),
    Ground.GUARDIANSHIP: ("GUARD", "guardian"),
}


def patient(card_id: str, card: PatientCardState) -> Element:
    """The person whom the card is about."""
    numbers = (_snils(card), policy_identifier(card), _document(card))
    return element(
        resourceType="Patient",
        id=card_id,
        identifier=[own_identifier(card_id), *filter(None, numbers)],
        active=True,
        **_demographics(card),
    )


def related_person(card_id: str, card: PatientCardState, holder: PatientCardState | None) -> Element:
    """Who keeps a relative's card: the card itself names the account alone, `holder` is that account's own card."""
    ground = card.person.stated and card.person.stated.ground
    roles = dict.fromkeys([_HOLDER_IS.get(card.relation), ground and _KEEPS_IT_AS.get(ground)])
    return element(
        resourceType="RelatedPerson",
        id=card.account_id,
        identifier=[own_identifier(card.account_id), *filter(None, [holder and _snils(holder)])],
        active=True,
        patient=reference(card_id, "Patient"),
        relationship=[concept((ROLES, *role)) for role in roles if role],
        **(_demographics(holder) if holder else {}),
    )


def _demographics(card: PatientCardState) -> Element:
    confirmed, stated = card.person.confirmed, card.person.stated or StatedPerson()
    birth_date = confirmed.birth_date if confirmed else stated.birth_date
    return element(
        name=_names(card),
        telecom=_telecom(confirmed, stated),
        gender=(confirmed and confirmed.gender) or stated.gender,
        birthDate=birth_date and birth_date.isoformat(),
    )


def _names(card: PatientCardState) -> list[Element]:
    """The name that holds first: Gosuslugi's, then the holder's where it is another one."""
    names: list[Element] = []
    for person, certain in ((card.person.confirmed, card.trusted), (card.person.stated, False)):
        given = [name for name in (person.given_name, person.middle_name) if name and name.strip()] if person else []
        name = element(family=person and person.family_name, given=given)
        if name and name not in [element(family=known.get("family"), given=known.get("given")) for known in names]:
            names.append(element(use=use(certain), **name))
    return names


def _telecom(confirmed: EsiaPerson | None, stated: StatedPerson) -> list[Element]:
    phones = [confirmed and confirmed.phone and confirmed.phone.value, stated.phone]
    email = confirmed and confirmed.email and confirmed.email.value
    points = [element(system="phone", value=phone) for phone in dict.fromkeys(phones) if phone]
    return [*points, *([element(system="email", value=email)] if email else [])]


def _snils(card: PatientCardState) -> Element | None:
    confirmed, stated = card.person.confirmed, card.person.stated
    said = first_said(confirmed.snils if confirmed else None)
    if not (value := first_said(said, stated.snils if stated else None)):
        return None
    type_ = concept((IDENTIFIER_TYPES, "SB", "Social Beneficiary Identifier"), text="СНИЛС")
    return element(use=use(said and card.trusted), type=type_, system=SNILS, value=value)


def _document(card: PatientCardState) -> Element | None:
    confirmed, stated = card.person.confirmed, card.person.stated
    said = confirmed and confirmed.identity_document
    document: IdentityDocument | StatedDocument | None = said or (stated and stated.identity_document) or None
    if not document:
        return None
    kinds = [(DOCUMENT_TYPES, *_DOCUMENTS[document.type])] if document.type in _DOCUMENTS else []
    passport = [(IDENTIFIER_TYPES, "PPN", "Passport number")] if document.type in _PASSPORTS else []
    department = document.department_code and element(system=DEPARTMENT_CODE, value=document.department_code)
    return element(
        use=use(said and said.verified),
        type=concept(*passport, *kinds, text=None if kinds else document.type),
        system=IDENTITY_DOCUMENT,
        value=" ".join(filter(None, (document.series, document.number))),
        period=element(start=document.issued_on and document.issued_on.isoformat()),
        assigner=element(identifier=department, display=document.issued_by),
    )
