"""The events of settings: how the portal addresses a person, and that a password was set (never which).

Stream and key: the account's id. Topic: `settings.events`.
"""

from pydantic import BaseModel, ConfigDict

from medonline_contracts.envelope import Event


class Profile(BaseModel):
    """How the portal addresses and reaches the person; the patient card keeps Gosuslugi's names."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    family_name: str
    given_name: str
    phone: str | None = None
    email: str | None = None


class ProfileChanged(Event):
    """The whole profile as it stands after the change."""

    account_id: str
    person: Profile


class PasswordSet(Event):
    """A portal password was set. `kept_session` is the session it was set in: the only one that stays."""

    account_id: str
    credential_version: int
    kept_session: str


SettingsEvent = ProfileChanged | PasswordSet
