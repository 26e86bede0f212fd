"""The identifiers people type: СНИЛС, ЕНП, phone, passport, names. Each parser gives the one canonical form.

A parser raises `ValueError` with a sentence in Russian that can stand beside the field.
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

_SNILS_WITHOUT_CHECK = 1_001_998  # numbers up to 001-001-998 were issued before there were check digits
_NAME = re.compile(r"(?=.*[^\W\d_])(?:[^\W\d_]\u0301?|[ '’ʼ.\-])+")  # letters, spaces, hyphens, apostrophes, points


def parse_snils(text: str) -> str:
    """`112-233-445 95` from any usual writing (Постановление Правления ПФР № 192п: digits × 9…1, modulo 101)."""
    digits = _digits(text)
    if digits is None or len(digits) != 11:
        raise ValueError("СНИЛС состоит из 11 цифр, например 112-233-445 95")
    number, check = int(digits[:9]), int(digits[9:])
    expected = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False)) % 101 % 100
    if number > _SNILS_WITHOUT_CHECK and check != expected:
        raise ValueError("Проверьте СНИЛС: контрольные цифры не сходятся")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def parse_enp(text: str) -> str:
    """The 16 digits of the policy's unified number; the last one is a Luhn check digit (Приказ МЗ № 108н)."""
    digits = _digits(text)
    if digits is None or len(digits) != 16:
        raise ValueError("Номер полиса состоит из 16 цифр")
    if not luhn_valid(digits):
        raise ValueError("Проверьте номер полиса: контрольная цифра не сходится")
    return digits


def luhn_valid(digits: str) -> bool:
    """Whether the last of the digits makes the Luhn sum a multiple of ten."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def parse_phone(text: str) -> str:
    """A Russian number as E.164, `+79000000000`, from +7…, 8… or ten digits with the usual brackets and dashes."""
    compact = re.sub(r"[\s()\-\u2010-\u2015.]", "", text)
    if not (match := re.fullmatch(r"(?:\+7|7|8)?(\d{10})", compact, re.ASCII)):
        raise ValueError("Введите номер телефона полностью, например +7 (900) 000-00-00")
    return f"+7{match[1]}"


def show_phone(e164: str) -> str:
    """`+7 (900) 000-00-00` as the manual writes it; anything else is shown as it stands."""
    if not (match := re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", e164)):
        return e164
    return "+7 ({}) {}-{}-{}".format(*match.groups())


def parse_email(text: str) -> str:
    """An e-mail in lower case; only its outline is checked, as only a letter sent there could prove more."""
    email = unicodedata.normalize("NFC", text.strip()).lower()
    if (
        len(email) > 254
        or not email.isprintable()
        or not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+", email)
    ):
        raise ValueError("Введите адрес электронной почты, например pochta@mail.ru")
    return email


def parse_name(text: str) -> str:
    """A family, given or middle name: 1–100 letters of any alphabet, with hyphens, apostrophes, spaces, points."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise ValueError("Заполните это поле")
    if len(name) > 100:
        raise ValueError("Не больше 100 символов")
    if not _NAME.fullmatch(name):
        raise ValueError("Допустимы буквы, пробел, дефис, точка и апостроф")
    return name


def parse_passport_series(text: str) -> str:
    """Four digits."""
    return _exactly(text, 4, "Серия паспорта состоит из 4 цифр")


def parse_passport_number(text: str) -> str:
    """Six digits."""
    return _exactly(text, 6, "Номер паспорта состоит из 6 цифр")


def parse_department_code(text: str) -> str:
    """`NNN-NNN`."""
    digits = _exactly(text, 6, "Код подразделения состоит из 6 цифр, например 260-001")
    return f"{digits[:3]}-{digits[3:]}"


def _exactly(text: str, count: int, message: str) -> str:
    digits = _digits(text)
    if digits is None or len(digits) != count:
        raise ValueError(message)
    return digits


def _digits(text: str) -> str | None:
    compact = re.sub(r"[\s\-\u2010-\u2015]", "", text)
    return compact if re.fullmatch(r"\d+", compact, re.ASCII) else None


Snils = Annotated[str, AfterValidator(parse_snils)]
Enp = Annotated[str, AfterValidator(parse_enp)]
Phone = Annotated[str, AfterValidator(parse_phone)]
Email = Annotated[str, AfterValidator(parse_email)]
PersonName = Annotated[str, AfterValidator(parse_name)]
PassportSeries = Annotated[str, AfterValidator(parse_passport_series)]
PassportNumber = Annotated[str, AfterValidator(parse_passport_number)]
DepartmentCode = Annotated[str, AfterValidator(parse_department_code)]
