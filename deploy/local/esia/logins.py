"""Gosuslugi stand-in: what a text typed as «Телефон / Email / СНИЛС» can mean. Pure."""

import re

PUNCTUATION = re.compile(r"[\s()./\u2010-\u2015-]")


def readings(text: str) -> frozenset[str]:
    """Every login the text can be, in one canonical form each: `phone:+79…`, `email:…`, `snils:…`.

    Eleven digits starting with 7 or 8 are a phone and a СНИЛС at once; nothing readable is the empty set.
    """
    text = text.strip().casefold()
    if "@" in text:
        return frozenset({f"email:{text}"})
    compact = PUNCTUATION.sub("", text)
    digits = compact.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return frozenset()
    found = set()
    if len(digits) == 11 and digits[0] in "78":
        found.add(f"phone:+7{digits[1:]}")
    if len(digits) == 10 and digits[0] == "9":
        found.add(f"phone:+7{digits}")
    if len(digits) == 11 and compact == digits:
        found.add(f"snils:{digits}")
    return frozenset(found)


def phone_as_shown(value: str) -> str:
    """ESIA's «+7(900)1234567» as the confirmation page writes it: «+7 900-123-45-67»; anything else as it is."""
    match = re.fullmatch(r"\+7\((\d{3})\)(\d{3})(\d{2})(\d{2})", value)
    return f"+7 {'-'.join(match.groups())}" if match else value
