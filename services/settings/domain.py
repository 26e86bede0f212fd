"""The domain of settings: how the portal addresses and reaches a person, and that a password was set. Pure; open first.

An account's stream holds what its holder stated. Until something is stated, the profile is what Gosuslugi confirmed,
which another service records: a command brings it along. A password never comes here, only that one is to be set.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import assert_never, cast

from medonline_contracts.envelope import Event
from medonline_contracts.settings import PasswordSet, Profile, ProfileChanged, SettingsEvent


class Proof(Enum):
    """What shows that the holder of the account, and not whoever found the browser open, asks for the change."""

    NONE = auto()
    WRONG_PASSWORD = auto()
    CURRENT_PASSWORD = auto()
    FRESH_SIGN_IN = auto()  # by Gosuslugi, in this session, within ten minutes


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """An account's settings as its stream tells them; `credential_version` is 0 while there is no password."""

    profile: Profile | None = None
    credential_version: int = 0
    version: int = 0

    def shown(self, confirmed: Profile | None) -> Profile | None:
        """The profile that stands: what was stated, or else what Gosuslugi confirmed."""
        return self.profile or confirmed


@dataclass(frozen=True, slots=True)
class SaveSettings:
    """Save the whole form as it was filled at `expected_version`, in the session `kept_session`."""

    account_id: str
    expected_version: int
    profile: Profile
    confirmed: Profile | None
    sets_password: bool
    kept_session: str
    proof: Proof = Proof.NONE


class Refusal(Exception):
    """The domain says no; nothing happens."""


class SettingsChanged(Refusal):
    """The settings are not at the expected version: they were changed meanwhile."""


class FreshSignInRequired(Refusal):
    """There is no password yet that could prove anything: only a fresh sign-in through Gosuslugi can."""


class CurrentPasswordRequired(Refusal):
    """The change needs the current password, or a fresh sign-in through Gosuslugi."""


class CurrentPasswordWrong(Refusal):
    """What was given as the current password is not it."""


def fold(events: Iterable[Event]) -> AccountSettings:
    """The settings after all events of the stream."""
    settings = AccountSettings()
    for event in events:
        settings = evolve(settings, event)
    return settings


def evolve(settings: AccountSettings, event: Event) -> AccountSettings:
    """The settings after the event."""
    happened = cast(SettingsEvent, event)
    version = settings.version + 1
    match happened:
        case ProfileChanged():
            return replace(settings, profile=happened.person, version=version)
        case PasswordSet():
            return replace(settings, credential_version=happened.credential_version, version=version)
        case _:
            assert_never(happened)


def decide(settings: AccountSettings, command: SaveSettings) -> list[SettingsEvent]:
    """The events that the command leads to: none where it changes nothing. Raises a `Refusal`.

    It needs no clock: whether a sign-in is fresh, the access token says.
    """
    if settings.version != command.expected_version:
        raise SettingsChanged
    if needs_proof(settings, command):
        _require_proof(settings, command.proof)
    events: list[SettingsEvent] = []
    if command.profile != settings.shown(command.confirmed):
        events.append(ProfileChanged(account_id=command.account_id, person=command.profile))
    if command.sets_password:
        events.append(
            PasswordSet(
                account_id=command.account_id,
                credential_version=settings.credential_version + 1,
                kept_session=command.kept_session,
            )
        )
    return events


def needs_proof(settings: AccountSettings, command: SaveSettings) -> bool:
    """A password or another contact does: with them one signs in and is reached. Names alone need none."""
    return command.sets_password or _contacts(command.profile) != _contacts(settings.shown(command.confirmed))


def _require_proof(settings: AccountSettings, proof: Proof) -> None:
    if proof is Proof.FRESH_SIGN_IN:
        return
    if not settings.credential_version:
        raise FreshSignInRequired
    if proof is Proof.NONE:
        raise CurrentPasswordRequired
    if proof is Proof.WRONG_PASSWORD:
        raise CurrentPasswordWrong


def _contacts(profile: Profile | None) -> tuple[str | None, str | None]:
    return (profile.phone, profile.email) if profile else (None, None)
