"""ЕСИА's answers as an `EsiaPerson`. Pure; text passes byte for byte, only dates, codes and phones are read.

`/rs/prns/{oid}` is the person, `/ctts` the contacts (MBT, EML), `/docs` the documents. What is missing or cannot be
read is null; without a birth date or any name there is no person.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from medonline_contracts.identifiers import luhn_valid, parse_phone
from medonline_contracts.person import Contact, EsiaPerson, Gender, IdentityDocument, OmsPolicy
from services.identity.refusals import EsiaRefused

Element = dict[str, Any]

# The order in which a document stands for the person's identity where ЕСИА's `rIdDoc` does not name one: citizens'
# passports, foreigners' documents, then what a minor has.
IDENTITY_DOCUMENTS = (
    "RF_PASSPORT",
    "FID_DOC",
    "RSDNC_PERMIT",
    "REFUGEE_CERT",
    "MLTR_ID",
    "FRGN_PASS",
    "RF_BRTH_CERT",
    "BRTH_CERT",
    "OLD_BRTH_CERT",
    "FID_BRTH_CERT",
)
_GENDERS: dict[object, Gender] = {"M": "male", "F": "female"}


def person_of(oid: int, person: Element, contacts: Sequence[Element], documents: Sequence[Element]) -> EsiaPerson:
    """The person that these answers describe. Raises `EsiaRefused` where they describe none."""
    family_name, given_name = _text(person.get("lastName")), _text(person.get("firstName"))
    birth_date = _date(person.get("birthDate"))
    if birth_date is None or not (family_name or given_name):
        raise EsiaRefused("incomplete person")
    return EsiaPerson(
        esia_oid=oid,
        family_name=family_name or "",
        given_name=given_name or "",
        middle_name=_text(person.get("middleName")),
        birth_date=birth_date,
        gender=_GENDERS.get(person.get("gender")),
        snils=_text(person.get("snils")),
        citizenship=_text(person.get("citizenship")),
        identity_document=identity_document_of(person.get("rIdDoc"), documents),
        oms_policy=oms_policy_of(documents),
        phone=_phone(contacts),
        email=_contact(contacts, "EML"),
    )


def identity_document_of(preferred: object, documents: Sequence[Element]) -> IdentityDocument | None:
    """The document that ЕСИА itself names (`rIdDoc`), else a verified one, in the order above."""
    known = [each for each in documents if each.get("type") in IDENTITY_DOCUMENTS and _text(each.get("number"))]
    if not known:
        return None
    best = min(
        known,
        key=lambda each: (
            preferred is None or each.get("id") != preferred,
            not _verified(each),
            IDENTITY_DOCUMENTS.index(each["type"]),
        ),
    )
    return IdentityDocument(
        type=best["type"],
        series=_text(best.get("series")),
        number=_text(best.get("number")) or "",
        issued_on=_date(best.get("issueDate")),
        issued_by=_text(best.get("issuedBy")),
        department_code=_text(best.get("issueId")),
        verified=_verified(best),
    )


def oms_policy_of(documents: Sequence[Element]) -> OmsPolicy | None:
    """The policy (MDCL_PLCY), a verified one first. A number with a wrong check digit is taken and marked."""
    policies = [each for each in documents if each.get("type") == "MDCL_PLCY"]
    if not policies:
        return None
    best = min(policies, key=lambda each: (not _verified(each), _enp(each) is None))
    enp = _enp(best)
    return OmsPolicy(
        enp=enp,
        number=_text(best.get("number")),
        series=_text(best.get("series")),
        insurer=_text(best.get("medicalOrg")) or _text(best.get("issuedBy")),
        verified=_verified(best),
        enp_valid=enp is not None and _is_digits(enp, 16) and luhn_valid(enp),
    )


def _enp(policy: Element) -> str | None:
    """The unified number: ЕСИА's `unitedNumber`, or `number` where that has its 16 digits (older policies: fewer)."""
    number = _text(policy.get("number"))
    return _text(policy.get("unitedNumber")) or (number if number and _is_digits(number, 16) else None)


def _phone(contacts: Sequence[Element]) -> Contact | None:
    contact = _contact(contacts, "MBT")
    if contact is None:
        return None
    try:
        return contact.model_copy(update={"value": parse_phone(contact.value)})
    except ValueError:
        return contact


def _contact(contacts: Sequence[Element], kind: str) -> Contact | None:
    found = [
        Contact(value=value, verified=_verified(each))
        for each in contacts
        if each.get("type") == kind and (value := _text(each.get("value")))
    ]
    return min(found, key=lambda each: not each.verified, default=None)


def _verified(element: Element) -> bool:
    return element.get("vrfStu") == "VERIFIED"


def _is_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdecimal()


def _text(value: object) -> str | None:
    """The text as it came; numbers, which ЕСИА writes here and there, as text; null for what is empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


def _date(value: object) -> date | None:
    try:
        return datetime.strptime(str(value), "%d.%m.%Y").date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        return None
