"""A patient card as a page shows it: a row for each thing, who said it, what is to be checked or filled in. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from medonline_contracts.cards import Ground, Relation, StatedDocument, StatedPerson
from medonline_contracts.identifiers import show_phone
from medonline_contracts.person import Contact, IdentityDocument
from services.portal.card_remarks import DIFFERS, GROUND_MISSING, Remark, remarks_of
from services.portal.clients.cards import ConfirmedPerson, PatientCard
from services.portal.text import show_date, show_gender

RELATIONS = {
    Relation.SELF: "Ваша карта",
    Relation.CHILD: "Сын или дочь",
    Relation.PARENT: "Мать или отец",
    Relation.SPOUSE: "Супруг или супруга",
    Relation.WARD: "Подопечный",
    Relation.OTHER: "Другой родственник",
}
GROUNDS = {
    Ground.CONSENT: "Согласие этого человека",
    Ground.POWER_OF_ATTORNEY: "Доверенность",
    Ground.GUARDIANSHIP: "Опека или попечительство",
}
RUSSIAN_PASSPORT = "RF_PASSPORT"
DOCUMENTS = {
    RUSSIAN_PASSPORT: "Паспорт РФ",
    "RF_BRTH_CERT": "Свидетельство о рождении",
    "FRGN_PASS": "Заграничный паспорт",
    "FID_DOC": "Документ иностранного гражданина",
}
OTHER_DOCUMENT = "Документ, удостоверяющий личность"
NO_MIDDLE_NAME = "нет"
NOT_STATED = "не указано"


_NOT_HERE = "контрольные цифры не сходятся, поэтому указать здесь этот же номер нельзя"


@dataclass(frozen=True, slots=True)
class CardRow:
    """One thing on the card. `field` is where the form asks for it; `asks` offers to fill it in.

    `verified` is Gosuslugi's own word for what it handed over; `takes` names the field in which it can be taken instead
    of what was stated.
    """

    label: str
    field: str
    confirmed: str
    verified: bool
    stated: str
    absent: str
    asks: bool
    remarks: tuple[Remark, ...]
    takes: str = ""


@dataclass(frozen=True, slots=True)
class _Thing:
    field: str
    label: str
    show: Callable[[object], str]
    only_if_known: bool = False


def _line(value: object) -> str:
    return str(value or "")


def _day(value: object) -> str:
    return show_date(value) if isinstance(value, date) else ""


def _gender(value: object) -> str:
    return show_gender(str(value)) if value else ""


def _phone(value: object) -> str:
    return show_phone(value.value if isinstance(value, Contact) else _line(value))


def show_document(document: object) -> str:
    """`0700 123456, выдан 01.02.2010, МВД, код подразделения 260-001`."""
    if not isinstance(document, IdentityDocument | StatedDocument):
        return ""
    issued = " ".join(filter(None, ("выдан", show_date(document.issued_on)))) if document.issued_on else ""
    code = f"код подразделения {document.department_code}" if document.department_code else ""
    number = " ".join(filter(None, (document.series, document.number)))
    return ", ".join(filter(None, (number, issued, document.issued_by, code)))


_THINGS = (
    _Thing("enp", "Страховой полис", _line),
    _Thing("birth_date", "Дата рождения", _day),
    _Thing("family_name", "Фамилия", _line),
    _Thing("given_name", "Имя", _line),
    _Thing("middle_name", "Отчество", _line),
    _Thing("identity_document", DOCUMENTS[RUSSIAN_PASSPORT], show_document),
    _Thing("snils", "СНИЛС", _line),
    _Thing("gender", "Пол", _gender),
    _Thing("insurer", "Страховая компания", _line),
    _Thing("phone", "Телефон", _phone, only_if_known=True),
)


def rows_of(card: PatientCard) -> list[CardRow]:
    """The rows in the manual's order, the telephone where there is one, and a grown-up relative's ground."""
    rows = [(thing, _row(thing, card)) for thing in _THINGS]
    known = [row for thing, row in rows if row.confirmed or row.stated or not thing.only_if_known]
    return known + ([_ground_row(card)] if card.effective.ground or "ground" in card.missing else [])


def _ground_row(card: PatientCard) -> CardRow:
    stated = GROUNDS[ground] if (ground := card.effective.ground) else ""
    remarks = () if stated else (GROUND_MISSING,)
    return CardRow("Основание", "ground", "", False, stated, "", not stated, remarks)


def confirmed_value(confirmed: ConfirmedPerson | None, field: str) -> object:
    """What Gosuslugi said under the name that the card's own fields have."""
    if confirmed is None or field not in ("enp", "insurer"):
        return getattr(confirmed, field, None)
    return getattr(confirmed.oms_policy, field, None)


def confirmed_texts(card: PatientCard) -> dict[str, str]:
    """What Gosuslugi said, by field, as text beside the field to state it in."""
    said = {thing.field: thing.show(confirmed_value(card.confirmed, thing.field)) for thing in _THINGS}
    return {field: f"{text} ({_NOT_HERE})" if field in card.to_check else text for field, text in said.items()}


def expected_document(card: PatientCard) -> str:
    """The kind of document that the holder's own card asks for by name; of a relative nothing is assumed."""
    return RUSSIAN_PASSPORT if _document_label(card) == DOCUMENTS[RUSSIAN_PASSPORT] else ""


def _row(thing: _Thing, card: PatientCard) -> CardRow:
    value = confirmed_value(card.confirmed, thing.field)
    confirmed = thing.show(value)
    stated = thing.show(getattr(card.stated or StatedPerson(), thing.field))
    is_empty = not (confirmed or stated)
    remarks = remarks_of(thing.field, card)
    return CardRow(
        label=_document_label(card) if thing.field == "identity_document" else thing.label,
        field=_document_field(card) if thing.field == "identity_document" else thing.field,
        confirmed=confirmed,
        verified=_is_verified(thing.field, card),
        stated=stated if thing.field in card.differs or not confirmed else "",
        absent=NO_MIDDLE_NAME if thing.field == "middle_name" else NOT_STATED,
        asks=is_empty and thing.field != "middle_name",
        remarks=remarks,
        takes=thing.field if DIFFERS in remarks else "",
    )


def _is_verified(field: str, card: PatientCard) -> bool:
    """Documents and policies have a mark of their own (`vrfStu`), the rest has the account's (`trusted`)."""
    if (confirmed := card.confirmed) is None:
        return False
    match field:
        case "identity_document":
            return bool(confirmed.identity_document and confirmed.identity_document.verified)
        case "enp" | "insurer":
            return bool(confirmed.oms_policy and confirmed.oms_policy.verified)
        case "phone":
            return bool(confirmed.phone and confirmed.phone.verified)
        case _:
            return card.trusted is True


def _document_label(card: PatientCard) -> str:
    if (document := card.effective.identity_document) is not None:
        return DOCUMENTS.get(document.type, OTHER_DOCUMENT)
    citizenship = card.confirmed.citizenship if card.confirmed else None
    own = card.relation is Relation.SELF
    return DOCUMENTS[RUSSIAN_PASSPORT] if own and citizenship in (None, "", "RUS") else OTHER_DOCUMENT


def _document_field(card: PatientCard) -> str:
    is_kind_known = card.effective.identity_document is not None or expected_document(card)
    return "identity_document.number" if is_kind_known else "identity_document.type"
