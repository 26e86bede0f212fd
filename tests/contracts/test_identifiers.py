"""СНИЛС, ЕНП, phone, passport and names: every usual writing gives one form, a wrong one a sentence in Russian."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.identifiers import (
    luhn_valid,
    parse_department_code,
    parse_email,
    parse_enp,
    parse_name,
    parse_phone,
    parse_snils,
    show_phone,
)

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def snils_of(number: int) -> str:
    """A valid СНИЛС, by the definition: weights 9…1, modulo 101, 100 counts as 0."""
    nine = f"{number:09}"
    check = sum(int(nine[i]) * (9 - i) for i in range(9)) % 101
    return nine + f"{0 if check == 100 else check:02}"


@pytest.mark.parametrize("text", ["112-233-445 95", "11223344595", " 112 233 445-95 ", "112–233–445 95"])
def test_a_snils_is_read_from_any_usual_writing(text: str) -> None:
    assert parse_snils(text) == "112-233-445 95"


@pytest.mark.parametrize("text", ["134-940-005 39", "914-561-751 11", "000-000-600 06"])
def test_known_snils_pass(text: str) -> None:
    assert parse_snils(text) == text


@pytest.mark.parametrize("text", ["", "112-233-445 96", "1122334459", "112233445950", "١١٢٢٣٣٤٤٥٩٥", "112-233-44А 95"])
def test_a_wrong_snils_is_refused_in_russian(text: str) -> None:
    with pytest.raises(ValueError, match=CYRILLIC):
        parse_snils(text)


@given(st.integers(min_value=1_001_999, max_value=999_999_999), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_of_a_snils_is_always_found(number: int, place: int, shift: int) -> None:
    digits = snils_of(number)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert parse_snils(digits).replace("-", "").replace(" ", "") == digits
    if int(wrong[:9]) > 1_001_998 and snils_of(int(wrong[:9])) != wrong:
        with pytest.raises(ValueError, match="не сходятся"):
            parse_snils(wrong)
    else:
        assert place < 9, "a changed check digit must be found"


@given(st.text(string.digits, min_size=15, max_size=15))
def test_exactly_one_last_digit_makes_an_enp(first: str) -> None:
    assert sum(luhn_valid(first + last) for last in string.digits) == 1


def test_the_policy_of_the_manual_passes() -> None:
    assert parse_enp("2600 0000 0000 0000") == "2600000000000000"


@pytest.mark.parametrize("text", ["2600000000000001", "260000000000000", "26000000000000000", "полис"])
def test_a_wrong_enp_is_refused_in_russian(text: str) -> None:
    with pytest.raises(ValueError, match=CYRILLIC):
        parse_enp(text)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.sampled_from(["+7", "8", "7", ""]))
def test_a_phone_is_read_back_from_how_it_is_shown(ten: str, prefix: str) -> None:
    e164 = parse_phone(prefix + ten)
    assert e164 == "+7" + ten
    assert parse_phone(show_phone(e164)) == e164


@pytest.mark.parametrize("text", ["", "+7 900 000-00-0", "+49 30 1234567", "9000000000000", "телефон"])
def test_a_wrong_phone_is_refused_in_russian(text: str) -> None:
    with pytest.raises(ValueError, match=CYRILLIC):
        parse_phone(text)


def test_a_foreign_phone_is_shown_as_it_stands() -> None:
    assert show_phone("+49301234567") == "+49301234567"


@pytest.mark.parametrize(
    "name", ["Ё", "Алёна", "Салтыкова-Щедрина", "О’Нил", "д'Артаньян", "Мария Анна", "Smith", "Я" * 100, "Оглы мл."]
)
def test_names_of_all_kinds_pass(name: str) -> None:
    assert parse_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "   ", "Я" * 101, "Иван4", "<b>", "-", "Иван\u202eнавИ", "Иван\x00"])
def test_what_is_no_name_is_refused_in_russian(name: str) -> None:
    with pytest.raises(ValueError, match=CYRILLIC):
        parse_name(name)


@given(st.text(max_size=120))
def test_a_name_once_read_is_read_the_same_again(text: str) -> None:
    try:
        name = parse_name(text)
    except ValueError:
        return
    assert parse_name(name) == name


def test_an_email_is_compared_in_lower_case() -> None:
    assert parse_email(" Pochta@Mail.RU ") == "pochta@mail.ru"


@pytest.mark.parametrize("text", ["", "pochta", "pochta@mail", "a@b@c.ru", "a b@c.ru", "@mail.ru", "a@.ru", "a@b..ru"])
def test_a_wrong_email_is_refused_in_russian(text: str) -> None:
    with pytest.raises(ValueError, match=CYRILLIC):
        parse_email(text)


def test_a_department_code_has_one_form() -> None:
    assert parse_department_code("260 001") == "260-001"
