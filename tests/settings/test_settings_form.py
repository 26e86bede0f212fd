"""How the form becomes a profile and a password, and what stands beside its fields when it cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.identifiers import show_phone
from medonline_contracts.settings import Profile
from services.settings.form import FILL_IN_BOTH, REPEAT_DIFFERS, SettingsForm, WrongInput, read_form
from services.settings.policy import COMMON, OWN_LOGIN

ANNA = Profile(family_name="Ёлкина", given_name="Анна", phone="+79000000000", email="pochta@mail.example")


def form(**changes: Any) -> SettingsForm:
    return SettingsForm.model_validate({**ANNA.model_dump(), "expected_version": 0, **changes})


def errors(**changes: Any) -> dict[str, str]:
    with pytest.raises(WrongInput) as refused:
        read_form(form(**changes), ANNA, [])
    return refused.value.errors


names = st.text(min_size=1, max_size=300)


@given(names, names, st.text(max_size=300) | st.none())
def test_what_gosuslugi_said_is_taken_back_as_it_stands(family_name: str, given_name: str, phone: str | None) -> None:
    shown = Profile(family_name=family_name, given_name=given_name, phone=phone if phone and phone.strip() else None)
    filled = SettingsForm(**shown.model_dump(), expected_version=0)
    assert read_form(filled, shown, []) == (shown, None)


def test_the_phone_comes_back_as_the_manual_writes_it() -> None:
    assert read_form(form(phone=show_phone("+79000000000")), ANNA, []) == (ANNA, None)


def test_what_is_typed_is_brought_into_its_canonical_form() -> None:
    typed = form(given_name=" Анна  Мария ", phone="8 900 000 00 01", email=" New@Mail.Example ")
    profile = Profile(family_name="Ёлкина", given_name="Анна Мария", phone="+79000000001", email="new@mail.example")
    assert read_form(typed, ANNA, []) == (profile, None)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_contact_removes_it(nothing: str | None) -> None:
    profile, _ = read_form(form(phone=nothing, email=nothing), ANNA, [])
    assert (profile.phone, profile.email) == (None, None)


def test_every_wrong_field_has_its_own_message() -> None:
    wrong = errors(family_name="", given_name="<b>", phone="12", email="почта", password="short")
    assert set(wrong) == {"family_name", "given_name", "phone", "email", "password", "password_repeat"}


def test_both_password_fields_belong_together() -> None:
    assert errors(password="Ek7tqd") == {"password_repeat": FILL_IN_BOTH}
    assert errors(password_repeat="Ek7tqd") == {"password": FILL_IN_BOTH}
    assert errors(password="Ek7tqd", password_repeat="Ek7tqD") == {"password_repeat": REPEAT_DIFFERS}
    assert read_form(form(password="Ek7tqd", password_repeat="Ek7tqd"), ANNA, []) == (ANNA, "Ek7tqd")


def test_a_password_too_easy_to_guess_and_typed_differently_is_told_of_both() -> None:
    assert errors(password="iloveyou", password_repeat="iloveyuo") == {
        "password": COMMON,
        "password_repeat": REPEAT_DIFFERS,
    }


def test_the_contact_that_is_being_saved_cannot_be_the_password() -> None:
    assert errors(phone="+79615550147", password="89615550147", password_repeat="89615550147") == {
        "password": OWN_LOGIN
    }
    assert errors(phone="+79615550147", email="bad", password="short", password_repeat="short").keys() == {
        "email",
        "password",
    }


def test_a_form_never_shows_its_passwords() -> None:
    assert "Ek7tqd" not in repr(form(password="Ek7tqd", password_repeat="Ek7tqd", current_password="Ek7tqd"))
