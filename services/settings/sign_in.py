"""Signing in by login and password: the try is counted, then verified, then a grant names the account.

Unknown login, shared login, wrong password, no password yet: the same work and the same answer.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from chassis.sign_ins import counted
from chassis.signing import Signer
from chassis.token import Clock
from eventlog.seal import Seal
from services.settings.guesses import Guesses
from services.settings.keyed_hash import KeyedHash
from services.settings.logins import read_logins
from services.settings.passwords import Busy, Credential, Passwords
from services.settings.views import Profiles, login_digest

ISSUER = "settings"
AUDIENCE = "identity"
GRANT_LIFETIME = timedelta(seconds=30)


class WrongLoginOrPassword(Exception):
    """The login names no account, or this is not its password: nobody is told which."""


class SignIn:
    """The door for passwords."""

    def __init__(
        self,
        profiles: Profiles,
        passwords: Passwords,
        guesses: Guesses,
        keyed_hash: KeyedHash,
        signer: Signer,
        seal: Seal,
    ) -> None:
        self._profiles = profiles
        self._passwords = passwords
        self._guesses = guesses
        self._hash = keyed_hash
        self._signer = signer
        self._seal = seal

    async def grant(self, login: str, password: str, address: str, clock: Clock) -> str:
        """A signed grant for identity, good once and for 30 seconds.

        Raises `WrongLoginOrPassword`, `TooManyGuesses`, `Busy`, or `LogSealed` while passwords may be a backup's.
        """
        with counted("password"):
            await self._seal.require_open()
            credential = await self._credential(login, password, address, clock())
        return self._signer.sign(_claims(credential, clock()))  # it may have waited long to be hashed

    async def _credential(self, login: str, password: str, address: str, now: datetime) -> Credential:
        digests = [login_digest(self._hash, reading) for reading in read_logins(login)]
        names = digests or [self._hash.digest("no login", login.strip().casefold())]
        counted = await self._guesses.count_sign_in(names, address, now)
        account_id = await self._profiles.account_of(digests)
        try:
            credential = await self._passwords.check(account_id, password)
        except Busy:
            await self._guesses.was_not_verified(counted)
            raise
        if credential is None:
            raise WrongLoginOrPassword
        await self._guesses.was_right(counted)
        return credential


def _claims(credential: Credential, now: datetime) -> dict[str, object]:
    issued = int(now.timestamp())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": credential.account_id,
        "jti": str(uuid4()),
        "credential_version": credential.version,
        "iat": issued,
        "exp": issued + int(GRANT_LIFETIME.total_seconds()),
    }
