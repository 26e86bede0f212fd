"""The settings form as it is typed, and how it becomes a profile and a password. Pure.

A field that still holds what was shown is taken as it stands: Gosuslugi's spelling of a name or a foreign phone need
not pass the rules for what is typed here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeGuard

from pydantic import BaseModel, Field, SecretStr

from medonline_contracts.identifiers import parse_email, parse_name, show_phone
from medonline_contracts.settings import Profile
from services.settings.logins import phone_login
from services.settings.policy import LONGEST, objection

REPEAT_DIFFERS = "Пароли не совпадают"
FILL_IN_BOTH = "Введите новый пароль в оба поля"

Text = Annotated[str, Field(max_length=300)]


class SettingsForm(BaseModel):
    """The whole form; empty password fields leave the password alone, an empty contact removes it.

    `expected_version` is the version of the settings that the form was filled in from.
    """

    family_name: Text
    given_name: Text
    phone: Text | None = None
    email: Text | None = None
    password: SecretStr = SecretStr("")
    password_repeat: SecretStr = SecretStr("")
    current_password: Annotated[SecretStr, Field(max_length=LONGEST)] = SecretStr("")
    expected_version: Annotated[int, Field(ge=0)]


class WrongInput(ValueError):
    """Something in the form cannot be taken; `errors` has a sentence in Russian for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = dict(errors)


def read_form(form: SettingsForm, shown: Profile | None, own_logins: Sequence[str]) -> tuple[Profile, str | None]:
    """The profile as it should be and the new password, if any; raises `WrongInput` with all that is wrong."""
    errors: dict[str, str] = {}
    known = shown.model_dump() if shown else {}

    def read(field: str, typed: str, parse: Callable[[str], str]) -> str:
        as_shown = known.get(field)
        if as_shown and typed in (as_shown, show_phone(as_shown)):
            return str(as_shown)
        try:
            return parse(typed)
        except ValueError as error:
            errors[field] = str(error)
            return ""

    profile = Profile(
        family_name=read("family_name", form.family_name, parse_name),
        given_name=read("given_name", form.given_name, parse_name),
        phone=read("phone", form.phone, phone_login) if _filled(form.phone) else None,
        email=read("email", form.email, parse_email) if _filled(form.email) else None,
    )
    contacts = [contact for contact in (profile.phone, profile.email) if contact]
    errors |= _password_errors(form, [*own_logins, *contacts])
    if errors:
        raise WrongInput(errors)
    return profile, form.password.get_secret_value() or None


def _password_errors(form: SettingsForm, logins: Sequence[str]) -> dict[str, str]:
    password, repeat = form.password.get_secret_value(), form.password_repeat.get_secret_value()
    if not password and not repeat:
        return {}
    if not password:
        return {"password": FILL_IN_BOTH}
    fault = objection(password, logins)
    errors = {"password": fault} if fault else {}
    if password != repeat:
        errors["password_repeat"] = REPEAT_DIFFERS if repeat else FILL_IN_BOTH
    return errors


def _filled(text: str | None) -> TypeGuard[str]:
    return bool(text and text.strip())
