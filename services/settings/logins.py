"""Logins: what a person may type to be known by — a phone or e-mail that Gosuslugi confirmed, or СНИЛС. Pure.

Whatever way it is written, a login has one canonical form, and only that form's keyed hash is looked up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from medonline_contracts.identifiers import parse_email, parse_phone, parse_snils
from medonline_contracts.identity import EsiaAuthenticated

LoginKind = Literal["phone", "email", "snils"]


@dataclass(frozen=True, slots=True)
class Login:
    """A login in its canonical form: E.164, lower case, or eleven digits."""

    kind: LoginKind
    value: str


def read_logins(text: str) -> list[Login]:
    """All that the text can be read as; eleven digits may be both a phone and a СНИЛС, and nonsense is neither."""
    parsers: dict[LoginKind, Callable[[str], str]] = {"phone": phone_login, "email": parse_email, "snils": snils_login}
    readings = ((kind, _parsed(parse, text)) for kind, parse in parsers.items())
    return [Login(kind, value) for kind, value in readings if value is not None]


def confirmed_logins(event: EsiaAuthenticated) -> list[Login]:
    """The logins that Gosuslugi vouches for: confirmed contacts, and the СНИЛС of a confirmed account."""
    person = event.person
    candidates: list[tuple[LoginKind, Callable[[str], str], str | None]] = [
        ("phone", phone_login, person.phone.value if person.phone and person.phone.verified else None),
        ("email", parse_email, person.email.value if person.email and person.email.verified else None),
        ("snils", snils_login, person.snils if event.trusted else None),
    ]
    readings = ((kind, _parsed(parse, text)) for kind, parse, text in candidates if text is not None)
    return [Login(kind, value) for kind, value in readings if value is not None]


def phone_login(text: str) -> str:
    """E.164; a foreign number counts when it is written with its plus sign."""
    compact = re.sub(r"[\s()\-\u2010-\u2015.]", "", text)
    if not compact.startswith("+7") and re.fullmatch(r"\+[1-9]\d{7,14}", compact, re.ASCII):
        return compact
    return parse_phone(text)


def snils_login(text: str) -> str:
    """The eleven digits."""
    return re.sub(r"\D", "", parse_snils(text))


def _parsed(parse: Callable[[str], str], text: str) -> str | None:
    try:
        return parse(text)
    except ValueError:
        return None
