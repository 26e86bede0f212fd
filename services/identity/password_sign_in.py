"""Identity, signing in by password: redeems the grant that settings gave for a right one. No password comes here.

A grant is a JWT of settings', good for 30 seconds and once: account (`sub`), the password's version and an id (`jti`).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import jwt
from pydantic import BaseModel, ValidationError
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.sign_ins import refusals_counted
from chassis.token import LEEWAY_SECONDS, Clock, TokenVerifier
from eventlog.seal import Seal
from eventlog.store import Document
from services.identity.accounts import Accounts
from services.identity.consent_texts import PERSONAL_DATA, ConsentTexts
from services.identity.refusals import GrantRefused, SettingsUnavailable
from services.identity.sessions import Session, Sessions

ISSUER = "settings"
AUDIENCE = "identity"


class Grant(BaseModel):
    """The claims of a grant; `exp` in seconds since the epoch."""

    sub: str
    jti: str
    credential_version: int
    exp: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A session opened by password; `secret` is for the browser's cookie."""

    account_id: str
    consent_due: bool
    secret: str


class PasswordSignIn:
    """Opens sessions by grant; a used grant is remembered until it would have expired."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        accounts: Accounts,
        sessions: Sessions,
        texts: ConsentTexts,
        verifier: TokenVerifier,
        clock: Clock,
    ) -> None:
        self._client = database.client
        self._used = database["grants_used"]
        self._seal = Seal(database)
        self._accounts = accounts
        self._sessions = sessions
        self._texts = texts
        self._verifier = verifier
        self._clock = clock

    async def prepare(self) -> None:
        """Create the index; safe to repeat."""
        await self._used.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)

    async def redeem(self, token: str, replaced: str | None) -> Opened:
        """Open a session in place of the one the browser holds.

        Raises `GrantRefused`, `SettingsUnavailable`, or `LogSealed` while accounts and sessions may be a backup's.
        """
        with refusals_counted("password"):  # that it was granted, settings has counted
            await self._seal.require_open()
            return await self._redeem(token, replaced)

    async def _redeem(self, token: str, replaced: str | None) -> Opened:
        now = self._clock()
        grant = await self._verified(token, now)
        account = await self._accounts.load(grant.sub)
        if not account.version:
            raise GrantRefused
        due = self._texts.due(account.agreed(PERSONAL_DATA))
        session = Session.by_password(grant.sub, grant.credential_version, now, consent_due=due)
        secret = secrets.token_urlsafe(32)

        async def write(transaction: AsyncClientSession) -> None:
            await self._use(grant, transaction)
            await self._sessions.open(session, secret, replaced, transaction)

        async with self._client.start_session() as transaction:
            await transaction.with_transaction(write)
        return Opened(grant.sub, due, secret)

    async def _verified(self, token: str, now: datetime) -> Grant:
        try:
            return Grant.model_validate(await self._verifier.verify(token, now))
        except (jwt.InvalidTokenError, ValidationError):
            raise GrantRefused from None
        except httpx.HTTPError:
            raise SettingsUnavailable from None

    async def _use(self, grant: Grant, transaction: AsyncClientSession) -> None:
        expires_at = datetime.fromtimestamp(grant.exp, UTC) + timedelta(seconds=LEEWAY_SECONDS)
        try:
            await self._used.insert_one({"_id": grant.jti, "expires_at": expires_at}, session=transaction)
        except DuplicateKeyError:
            raise GrantRefused from None
