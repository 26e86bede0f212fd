"""The likeness of cards: when two of them are, or may be, of one person. Pure, part of the domain.

СНИЛС and ЕНП decide. Names and a birth date alone never do: people share them.
"""

from collections.abc import Mapping
from datetime import date

from medonline_contracts.cards import StatedPerson

NUMBERS = ("snils", "enp")

Name = tuple[str, str, str, date]


def numbers_of(person: StatedPerson) -> dict[str, str]:
    """The digits of the person's СНИЛС and ЕНП, by field; only those that are known."""
    digits = {field: "".join(filter(str.isdecimal, getattr(person, field) or "")) for field in NUMBERS}
    return {field: number for field, number in digits.items() if number}


def shared_numbers(one: StatedPerson, other: StatedPerson) -> list[str]:
    """The fields in which both have the same number: they are one person."""
    numbers = numbers_of(other)
    return [field for field, number in numbers_of(one).items() if numbers.get(field) == number]


def newly_shared(before: StatedPerson, now: StatedPerson, other: StatedPerson) -> list[str]:
    """The fields in which `now` has the other's number and `before` had not."""
    shared_before = shared_numbers(before, other)
    return [field for field in shared_numbers(now, other) if field not in shared_before]


def are_two(one: StatedPerson, other: StatedPerson) -> bool:
    """Whether both have a number and it differs: then they are two people, however alike."""
    return tell_apart(numbers_of(one), numbers_of(other))


def tell_apart(numbers: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether these are the numbers, by field, of two people."""
    return any(others.get(field, number) != number for field, number in numbers.items())


def name_of(person: StatedPerson) -> Name | None:
    """Names and birth date as they are compared; null while they are not all known."""
    if not (person.family_name and person.given_name and person.birth_date):
        return None
    names = (person.family_name, person.given_name, person.middle_name or "")
    family_name, given_name, middle_name = map(folded, names)
    return family_name, given_name, middle_name, person.birth_date


def folded(text: str) -> str:
    """What counts in a comparison: not how letters and digits are written."""
    return "".join(filter(str.isalnum, text.casefold())).replace("ё", "е")
