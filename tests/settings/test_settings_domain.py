"""What saving the settings leads to, and what it takes."""

from dataclasses import replace

import pytest

from medonline_contracts.settings import PasswordSet, Profile, ProfileChanged
from services.settings.domain import (
    AccountSettings,
    CurrentPasswordRequired,
    CurrentPasswordWrong,
    FreshSignInRequired,
    Proof,
    SaveSettings,
    SettingsChanged,
    decide,
    evolve,
)
from tests.spec import Spec

ACCOUNT = "01939b4e-0000-7000-8000-00000000000a"
ANNA = Profile(family_name="Ёлкина", given_name="Анна", phone="+79000000000", email="pochta@mail.example")
RENAMED = ANNA.model_copy(update={"given_name": "Аня"})
OTHER_PHONE = ANNA.model_copy(update={"phone": "+79000000001"})
NO_EMAIL = ANNA.model_copy(update={"email": None})

STATED = ProfileChanged(account_id=ACCOUNT, person=RENAMED)
FIRST_PASSWORD = PasswordSet(account_id=ACCOUNT, credential_version=1, kept_session="first")
UNCHANGED = SaveSettings(
    account_id=ACCOUNT, expected_version=0, profile=ANNA, confirmed=ANNA, sets_password=False, kept_session="here"
)
NEW_PASSWORD = replace(UNCHANGED, sets_password=True)

settings = Spec[AccountSettings, SaveSettings](
    AccountSettings(), evolve, lambda state, command, _: decide(state, command)
)


def test_saving_what_gosuslugi_confirmed_changes_nothing() -> None:
    assert settings.given().when(UNCHANGED) == []


def test_saving_what_was_stated_changes_nothing() -> None:
    assert settings.given(STATED).when(replace(UNCHANGED, profile=RENAMED, expected_version=1)) == []


def test_a_name_needs_no_proof() -> None:
    assert settings.given().when(replace(UNCHANGED, profile=RENAMED)) == [STATED]


def test_going_back_to_what_gosuslugi_confirmed_is_a_change() -> None:
    assert settings.given(STATED).when(replace(UNCHANGED, expected_version=1)) == [
        ProfileChanged(account_id=ACCOUNT, person=ANNA)
    ]


@pytest.mark.parametrize("profile", [OTHER_PHONE, NO_EMAIL])
@pytest.mark.parametrize("proof", [Proof.NONE, Proof.WRONG_PASSWORD, Proof.CURRENT_PASSWORD])
def test_without_a_password_yet_contacts_need_a_fresh_sign_in(profile: Profile, proof: Proof) -> None:
    with pytest.raises(FreshSignInRequired):
        settings.given().when(replace(UNCHANGED, profile=profile, proof=proof))


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.WRONG_PASSWORD, Proof.CURRENT_PASSWORD])
def test_the_first_password_needs_a_fresh_sign_in(proof: Proof) -> None:
    with pytest.raises(FreshSignInRequired):
        settings.given().when(replace(NEW_PASSWORD, proof=proof))


def test_a_fresh_sign_in_sets_the_first_password_and_contacts_together() -> None:
    command = replace(NEW_PASSWORD, profile=OTHER_PHONE, proof=Proof.FRESH_SIGN_IN)
    assert settings.given().when(command) == [
        ProfileChanged(account_id=ACCOUNT, person=OTHER_PHONE),
        PasswordSet(account_id=ACCOUNT, credential_version=1, kept_session="here"),
    ]


@pytest.mark.parametrize("command", [NEW_PASSWORD, replace(UNCHANGED, profile=NO_EMAIL)])
def test_where_there_is_a_password_it_is_asked(command: SaveSettings) -> None:
    with pytest.raises(CurrentPasswordRequired):
        settings.given(FIRST_PASSWORD).when(replace(command, expected_version=1))


@pytest.mark.parametrize("command", [NEW_PASSWORD, replace(UNCHANGED, profile=NO_EMAIL)])
def test_a_wrong_current_password_is_refused(command: SaveSettings) -> None:
    with pytest.raises(CurrentPasswordWrong):
        settings.given(FIRST_PASSWORD).when(replace(command, expected_version=1, proof=Proof.WRONG_PASSWORD))


@pytest.mark.parametrize("proof", [Proof.CURRENT_PASSWORD, Proof.FRESH_SIGN_IN])
def test_the_current_password_or_a_fresh_sign_in_sets_the_next_one(proof: Proof) -> None:
    assert settings.given(FIRST_PASSWORD).when(replace(NEW_PASSWORD, expected_version=1, proof=proof)) == [
        PasswordSet(account_id=ACCOUNT, credential_version=2, kept_session="here")
    ]


def test_a_form_filled_in_from_older_settings_is_refused() -> None:
    with pytest.raises(SettingsChanged):
        settings.given(STATED).when(replace(UNCHANGED, proof=Proof.FRESH_SIGN_IN))


def test_before_gosuslugis_word_arrives_all_that_is_typed_is_stated() -> None:
    command = replace(UNCHANGED, confirmed=None, proof=Proof.FRESH_SIGN_IN)
    assert settings.given().when(command) == [ProfileChanged(account_id=ACCOUNT, person=ANNA)]
