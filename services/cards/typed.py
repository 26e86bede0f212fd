"""Values as people type them, beyond the identifiers of the contracts: dates, lines of text, parts of documents.

Each reader gives the one canonical form or raises `ValueError` with a sentence in Russian for the field.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from medonline_contracts.identifiers import parse_passport_number, parse_passport_series

_LOOK_ALIKE = str.maketrans("1УХЛС", "IVXLC")  # Roman digits on a Russian keyboard


def read_date(typed: object) -> date:
    """A date written as 07.06.1994, 7.6.1994 or 1994-06-07."""
    text = typed.strip() if isinstance(typed, str) else ""
    if by_people := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII):
        day, month, year = by_people.groups()
    elif by_programs := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII):
        year, month, day = by_programs.groups()
    else:
        raise ValueError("Введите дату, например 07.06.1994")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("Такой даты нет. Проверьте день, месяц и год") from None


def read_line(text: str) -> str:
    """One line of free text: spaces set straight, nothing that cannot be printed."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line.isprintable():
        raise ValueError("Уберите непечатаемые знаки")
    return line


def read_certificate_series(text: str) -> str:
    """The series of a birth certificate: Roman digits and two Russian letters, `II-ДН`."""
    compact = re.sub(r"[\s\-\u2010-\u2015]", "", text).upper()
    if not (match := re.fullmatch(r"([IVXLC1УХЛС]{1,6})([А-ЯЁ]{2})", compact)):
        raise ValueError("Серия свидетельства: римские цифры и две русские буквы, например II-ДН")
    return f"{match[1].translate(_LOOK_ALIKE)}-{match[2]}"


def read_certificate_number(text: str) -> str:
    """The six digits of a birth certificate's number."""
    compact = re.sub(r"[\s\-№]", "", text)
    if not re.fullmatch(r"\d{6}", compact, re.ASCII):
        raise ValueError("Номер свидетельства состоит из 6 цифр")
    return compact


def read_foreign_number(text: str) -> str:
    """A foreign document's series or number: letters, digits, and single spaces, hyphens or strokes between them."""
    number = " ".join(unicodedata.normalize("NFC", text).split()).upper()
    if not re.fullmatch(r"[^\W_]+(?:[ /\-][^\W_]+)*", number):
        raise ValueError("Допустимы буквы, цифры, пробел и дефис")
    return number


SERIES: dict[str, Callable[[str], str]] = {
    "RF_PASSPORT": parse_passport_series,
    "RF_BRTH_CERT": read_certificate_series,
    "FRGN_PASS": read_foreign_number,
}
NUMBER: dict[str, Callable[[str], str]] = {
    "RF_PASSPORT": parse_passport_number,
    "RF_BRTH_CERT": read_certificate_number,
    "FRGN_PASS": read_foreign_number,
}
