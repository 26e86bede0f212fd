"""The form of a patient card: its fields by the API's own names, in the page's order; from a card and back. Pure."""

from collections.abc import Mapping
from typing import Any

from medonline_contracts.cards import StatedPerson
from medonline_contracts.identifiers import show_phone
from services.portal.text import show_date

LABELS = {
    "relation": "Кем вам приходится этот человек",
    "family_name": "Фамилия",
    "given_name": "Имя",
    "middle_name": "Отчество",
    "birth_date": "Дата рождения",
    "gender": "Пол",
    "ground": "На каком основании вы ведёте карту",
    "enp": "Страховой полис",
    "insurer": "Страховая компания",
    "snils": "СНИЛС",
    "phone": "Телефон",
    "identity_document.type": "Вид документа",
    "identity_document.series": "Серия",
    "identity_document.number": "Номер",
    "identity_document.issued_on": "Дата выдачи",
    "identity_document.issued_by": "Кем выдан",
    "identity_document.department_code": "Код подразделения",
}
DOCUMENT = "identity_document"
KIND = "identity_document.type"


def values_of(relation: str, stated: StatedPerson | None, document_type: str = "") -> dict[str, str]:
    """What stands in the form of a card; `document_type` is chosen where no document is stated yet."""
    stated = stated or StatedPerson()
    document = stated.identity_document
    return {
        "relation": relation,
        "family_name": stated.family_name or "",
        "given_name": stated.given_name or "",
        "middle_name": stated.middle_name or "",
        "birth_date": show_date(stated.birth_date),
        "gender": stated.gender or "",
        "ground": stated.ground or "",
        "enp": stated.enp or "",
        "insurer": stated.insurer or "",
        "snils": stated.snils or "",
        "identity_document.type": document.type if document else document_type,
        "identity_document.series": (document and document.series) or "",
        "identity_document.number": document.number if document else "",
        "identity_document.issued_on": show_date(document.issued_on) if document else "",
        "identity_document.issued_by": (document and document.issued_by) or "",
        "identity_document.department_code": (document and document.department_code) or "",
        "phone": show_phone(stated.phone) if stated.phone else "",
    }


def stated_in(fields: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as the API takes it; a field left blank states nothing."""
    stated: dict[str, Any] = {}
    for name, value in said_in(fields).items():
        part, _, inner = name.rpartition(".")
        (stated.setdefault(DOCUMENT, {}) if part else stated)[inner] = value
    return stated


def said_in(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form that state something: no blank ones, and no document of which only the kind is chosen."""
    said = {name: value for name in LABELS if (value := fields.get(name, "").strip())}
    if [name for name in said if name.startswith(f"{DOCUMENT}.")] == [KIND]:
        del said[KIND]
    return said
