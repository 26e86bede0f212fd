"""The manual's rule for passwords, and which ones are refused as too easy to guess."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.settings.policy import (
    COMMON,
    LONGEST,
    NOT_ALLOWED,
    OWN_LOGIN,
    TOO_LONG,
    TOO_SHORT,
    TOO_SIMPLE,
    objection,
)

ALLOWED = string.ascii_letters + string.digits


@given(st.text(max_size=LONGEST + 10) | st.text(ALLOWED, max_size=LONGEST + 10))
@example("１２３４５６")
@example("Parol1\n")
@example("пароль1")
def test_whatever_is_taken_keeps_the_manuals_rule(password: str) -> None:
    if objection(password, []) is None:
        assert re.fullmatch(r"[A-Za-z0-9]{6,128}", password, re.ASCII)


@given(st.text(ALLOWED, min_size=64, max_size=LONGEST))
def test_long_passwords_are_taken_unless_they_repeat_themselves(password: str) -> None:
    assert objection(password, []) in (None, TOO_SIMPLE)


@pytest.mark.parametrize("password", ["Ek7tqd", "kometa", "KOMETA", "830417", "Forgotten1", "a" * 63 + "b"])
def test_no_class_of_characters_is_obligatory(password: str) -> None:
    assert objection(password, []) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ek7tq", TOO_SHORT),
        ("", TOO_SHORT),
        ("Ek7tqd" * 22, TOO_LONG),
        ("Ek7 tqd", NOT_ALLOWED),
        ("Ek7-tqd", NOT_ALLOWED),
        ("комета1", NOT_ALLOWED),
        ("123456", TOO_SIMPLE),
        ("7654321", TOO_SIMPLE),
        ("000000", TOO_SIMPLE),
        ("ababab", TOO_SIMPLE),
        ("123123", TOO_SIMPLE),
        ("qwerty", TOO_SIMPLE),
        ("YTREWQ", TOO_SIMPLE),
        ("zxcvbn", TOO_SIMPLE),
        ("1qaz2wsx", TOO_SIMPLE),
        ("1q2w3e4r", TOO_SIMPLE),
        ("password", COMMON),
        ("Password1", COMMON),
        ("PAROL123", COMMON),
        ("gfhjkm", COMMON),  # «пароль», typed in the Latin layout
        ("natasha", COMMON),
        ("Qwerty123", COMMON),
        ("a123456", COMMON),
    ],
)
def test_an_easy_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    assert objection(password, []) == reason


@pytest.mark.parametrize(
    "password",
    ["79615550147", "89615550147", "9615550147", "Elkina1975", "elkina1975mailexample", "70000000164"],
)
def test_ones_own_login_is_refused_however_it_is_written(password: str) -> None:
    logins = ["+79615550147", "Elkina.1975@mail.example", "700-000-001 64"]
    assert objection(password, logins) == OWN_LOGIN
    assert objection(password, []) is None
