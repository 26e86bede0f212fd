"""A login is the same however it is written, and nothing that is typed breaks the reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.person import Contact
from services.settings.logins import Login, confirmed_logins, read_logins
from tests.settings.people import authenticated, confirmed, esia_person, new_account

digits = st.text("0123456789", min_size=10, max_size=10)


@given(digits, st.sampled_from(["+7{0}{1}{2}{3}", "8 ({0}) {1}-{2}-{3}", "7-{0}-{1}-{2}-{3}", " {0} {1} {2} {3} "]))
def test_a_phone_is_read_from_any_usual_writing(number: str, writing: str) -> None:
    typed = writing.format(number[:3], number[3:6], number[6:8], number[8:])
    assert Login("phone", f"+7{number}") in read_logins(typed)


@given(st.integers(1_001_999, 999_999_999), st.sampled_from(["{0}-{1}-{2} {3}", "{0}{1}{2}{3}", "{0} {1} {2} {3}"]))
def test_a_snils_is_read_with_and_without_dashes(number: int, writing: str) -> None:
    text = f"{number:09}"
    check = f"{sum(int(digit) * (9 - place) for place, digit in enumerate(text)) % 101 % 100:02}"
    typed = writing.format(text[:3], text[3:6], text[6:], check)
    assert Login("snils", text + check) in read_logins(typed)


def test_eleven_digits_may_be_a_phone_and_a_snils() -> None:
    assert read_logins("70000000164") == [Login("phone", "+70000000164"), Login("snils", "70000000164")]


@given(st.emails())
def test_an_e_mail_is_read_in_any_case(email: str) -> None:
    assert read_logins(email.upper()) == read_logins(f" {email.upper().lower()} ")


@given(st.text())
def test_whatever_is_typed_is_read_as_at_most_one_login_of_each_kind(text: str) -> None:
    kinds = [login.kind for login in read_logins(text)]
    assert len(kinds) == len(set(kinds))


def test_a_foreign_phone_is_a_login_with_its_plus_sign() -> None:
    assert read_logins("+49 151 2345-6789") == [Login("phone", "+4915123456789")]
    assert read_logins("4915123456789") == []


def test_gosuslugi_vouches_for_confirmed_contacts_and_a_confirmed_persons_snils() -> None:
    phone, email = confirmed("+7(900)0000000"), confirmed("Anna@Mail.Example")
    person = esia_person(phone=phone, email=email, snils="700-000-001 64")
    assert confirmed_logins(authenticated(new_account(), person)) == [
        Login("phone", "+79000000000"),
        Login("email", "anna@mail.example"),
        Login("snils", "70000000164"),
    ]


@pytest.mark.parametrize("phone", [None, Contact(value="+79000000000")])
def test_an_unconfirmed_account_has_no_logins(phone: Contact | None) -> None:
    person = esia_person(phone=phone, email=Contact(value="anna@mail.example"))
    assert confirmed_logins(authenticated(new_account(), person, trusted=False)) == []
