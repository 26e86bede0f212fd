"""Identity, the sessions: who is signed in, in which browser, until when. State, not events.

The browser holds a secret, the database its SHA-256 alone. A session ends 12 hours after it was opened, an hour after
it was last used, at sign-out, when another one takes its place in the browser, or when the password is changed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from eventlog.store import Document
from services.identity.refusals import GrantRefused

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's session: its public id `sid`, whose, how (`amr`: esia or pwd) and when the person proved it.

    `auth_time` is the time of that proof, `opened_at` of the session's beginning: within ЕСИА's own session one can
    come hours after the other. `credential_version` is the password's that opened it, null when Gosuslugi did.
    """

    sid: str
    account_id: str
    amr: Sequence[str]
    auth_time: datetime
    opened_at: datetime
    credential_version: int | None
    consent_due: bool
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def by_esia(cls, account_id: str, authenticated_at: datetime, now: datetime, *, consent_due: bool) -> "Session":
        """A new session by what was proved at Gosuslugi; its clock may be ahead of ours."""
        proved_at = min(now, authenticated_at)
        return cls(str(uuid4()), account_id, ["esia"], proved_at, now, None, consent_due, now, now + IDLE)

    @classmethod
    def by_password(cls, account_id: str, credential_version: int, now: datetime, *, consent_due: bool) -> "Session":
        """A new session by the password of this version."""
        return cls(str(uuid4()), account_id, ["pwd"], now, now, credential_version, consent_due, now, now + IDLE)


class Sessions:
    """The sessions, and beside each account the lowest credential version that may still open one."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._sessions = database["sessions"]
        self._accounts = database["accounts"]

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        await self._sessions.create_indexes(
            [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("account_id", ASCENDING)])]
        )

    async def find(self, secret: str | None, now: datetime) -> Session | None:
        """The living session of this secret; that it was used is written down at most once a minute."""
        if not secret:
            return None
        found = await self._sessions.find_one({"_id": _hashed(secret), "expires_at": {"$gt": now}})
        if not found:
            return None
        session = _session(found)
        if now - session.last_seen_at >= TOUCHED_EVERY:
            until = min(now + IDLE, session.opened_at + LONGEST)
            await self._sessions.update_one({"_id": found["_id"]}, {"$set": {"last_seen_at": now, "expires_at": until}})
        return session

    async def open(self, session: Session, secret: str, replaced: str | None, transaction: AsyncClientSession) -> None:
        """Open a session in the place of the one that the browser held (`replaced`, its secret).

        It writes the account's document too: a password change that is under way either sees this session and ends it,
        or has raised the floor already. Raises `GrantRefused`.
        """
        await self._admit(session, transaction)
        if replaced and replaced != secret:
            await self._sessions.delete_one({"_id": _hashed(replaced)}, session=transaction)
        await self._sessions.insert_one({"_id": _hashed(secret), **asdict(session)}, session=transaction)

    async def _admit(self, session: Session, transaction: AsyncClientSession) -> None:
        version = session.credential_version
        not_below = {} if version is None else {"credential_floor": {"$lte": version}}
        try:
            await self._accounts.update_one(
                {"_id": session.account_id, **not_below},
                {"$inc": {"sessions_opened": 1}, "$setOnInsert": {"credential_floor": 0}},
                upsert=True,
                session=transaction,
            )
        except DuplicateKeyError:
            raise GrantRefused from None

    async def end(self, secret: str) -> None:
        """Sign out; nothing where there is no such session."""
        await self._sessions.delete_one({"_id": _hashed(secret)})

    async def end_others(
        self, account_id: str, kept: str, credential_version: int, transaction: AsyncClientSession
    ) -> None:
        """End the account's sessions of before this password and let no older password open another.

        What stays is the session `kept` (its `sid`) and those that this password itself opened in the meantime.
        """
        await self._accounts.update_one(
            {"_id": account_id}, {"$max": {"credential_floor": credential_version}}, upsert=True, session=transaction
        )
        newer = {"credential_version": {"$gte": credential_version}}
        await self._sessions.delete_many(
            {"account_id": account_id, "sid": {"$ne": kept}, "$nor": [newer]}, session=transaction
        )

    async def end_all(self) -> None:
        """Sign everybody out."""
        await self._sessions.delete_many({})

    async def credential_floor(self, account_id: str) -> int:
        """The lowest credential version that may still open a session."""
        found = await self._accounts.find_one({"_id": account_id})
        return int(found.get("credential_floor", 0)) if found else 0

    async def consent_given(self, account_id: str, transaction: AsyncClientSession) -> None:
        """No session of the account has to be asked for its consent any more."""
        await self._sessions.update_many(
            {"account_id": account_id}, {"$set": {"consent_due": False}}, session=transaction
        )


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _session(document: dict[str, Any]) -> Session:
    return Session(**{name: value for name, value in document.items() if name != "_id"})
