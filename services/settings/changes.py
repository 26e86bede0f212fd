"""Saving the settings form: read it, prove who asks, decide, hash, append.

The client names the version that the form was filled in from, so nothing is decided anew behind its back; the same
form sent twice has one effect and the same answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from eventlog.store import Also, ConcurrencyConflict, EventStore
from medonline_contracts.envelope import Origin
from medonline_contracts.settings import PasswordSet
from services.settings.domain import AccountSettings, Proof, SaveSettings, decide, fold, needs_proof
from services.settings.form import SettingsForm, read_form
from services.settings.guesses import Guesses
from services.settings.passwords import Busy, Credential, Passwords
from services.settings.views import AccountProfile, Profiles


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sends the form: the account, the session, and whether it is freshly signed in by Gosuslugi."""

    account_id: str
    session_id: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """The version of the settings now, and that of the password where the form set one."""

    version: int
    credential_version: int | None


class Changes:
    """The write side of the settings."""

    def __init__(self, store: EventStore, profiles: Profiles, passwords: Passwords, guesses: Guesses) -> None:
        self._store = store
        self._profiles = profiles
        self._passwords = passwords
        self._guesses = guesses

    async def save(self, asker: Asker, form: SettingsForm, now: datetime, origin: Origin) -> Saved:
        """Save the form whole or not at all.

        Raises `WrongInput`, a `Refusal` of the domain, `TooManyGuesses` (current passwords tried, or new ones set),
        `Busy`.
        """
        try:
            return await self._save(asker, form, now, origin)
        except ConcurrencyConflict:
            # The stream has moved on, so this time it is the same form again or it is refused.
            return await self._save(asker, form, now, origin)

    async def _save(self, asker: Asker, form: SettingsForm, now: datetime, origin: Origin) -> Saved:
        settings = fold(envelope.event for envelope in await self._store.read(asker.account_id))
        known = await self._profiles.of(asker.account_id)
        confirmed = known.confirmed_profile
        profile, password = read_form(form, settings.shown(confirmed), _own_logins(known))
        command = SaveSettings(
            account_id=asker.account_id,
            expected_version=form.expected_version,
            profile=profile,
            confirmed=confirmed,
            sets_password=password is not None,
            kept_session=asker.session_id,
        )
        if await self._saved_before(settings, command, password, now):
            return Saved(settings.version, settings.credential_version if password else None)
        proof = await self._proof(asker, settings, command, form.current_password.get_secret_value(), now)
        return await self._append(settings, replace(command, proof=proof), password, now, origin)

    async def _saved_before(
        self, settings: AccountSettings, command: SaveSettings, password: str | None, now: datetime
    ) -> bool:
        """Whether the settings have moved on to just what this form asks for: it was sent twice."""
        if settings.version <= command.expected_version or settings.shown(command.confirmed) != command.profile:
            return False
        return password is None or await self._is_current(command.account_id, password, now)

    async def _proof(
        self, asker: Asker, settings: AccountSettings, command: SaveSettings, current_password: str, now: datetime
    ) -> Proof:
        if asker.fresh:
            return Proof.FRESH_SIGN_IN
        outdated = settings.version != command.expected_version
        if outdated or not current_password or not settings.credential_version or not needs_proof(settings, command):
            return Proof.NONE
        right = await self._is_current(command.account_id, current_password, now)
        return Proof.CURRENT_PASSWORD if right else Proof.WRONG_PASSWORD

    async def _is_current(self, account_id: str, password: str, now: datetime) -> bool:
        """Counted, so that whoever finds a browser open cannot try passwords here either."""
        counted = await self._guesses.count_current_password(account_id, now)
        try:
            right = await self._passwords.check(account_id, password) is not None
        except Busy:
            await self._guesses.was_not_verified(counted)
            raise
        if right:
            await self._guesses.was_right(counted)
        return right

    async def _append(
        self, settings: AccountSettings, command: SaveSettings, password: str | None, now: datetime, origin: Origin
    ) -> Saved:
        events = decide(settings, command)
        password_set = next((event for event in events if isinstance(event, PasswordSet)), None)
        also: Also | None = None
        if password is not None and password_set:
            hashed = await self._hashed(command.account_id, password, now)
            also = self._passwords.keeping(Credential(command.account_id, hashed, password_set.credential_version), now)
        if events:
            await self._store.append(
                command.account_id, events, expected_version=settings.version, origin=origin, also=also
            )
        return Saved(settings.version + len(events), password_set.credential_version if password_set else None)

    async def _hashed(self, account_id: str, password: str, now: datetime) -> str:
        """Counted, so that nobody who is signed in keeps the hashing threads busy."""
        counted = await self._guesses.count_new_password(account_id, now)
        try:
            return await self._passwords.hash(password)
        except Busy:
            await self._guesses.was_not_verified(counted)
            raise


def _own_logins(known: AccountProfile) -> list[str]:
    """All that the person is known by, as written: none of it can be their password."""
    profiles = [profile for profile in (known.shown, known.confirmed_profile) if profile]
    contacts = [contact for profile in profiles for contact in (profile.phone, profile.email)]
    return [login for login in (*contacts, known.confirmed and known.confirmed.snils) if login]
