"""Identity, the settling: what it keeps beside its log, made right after a backup was restored.

People are found by reserved hashes, and older passwords refused by a floor: both follow from the log. Sessions and
attempts do not, and a backup would bring back those that were ended or used since: so all of them end.
"""

from dataclasses import dataclass

from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.store import Also, EventStore
from services.identity.accounts import Accounts
from services.identity.attempts import Attempts
from services.identity.sessions import Sessions


@dataclass(frozen=True, slots=True)
class AccountSettling:
    """What follows from an account's stream, and what is let go of."""

    store: EventStore
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts

    async def settle_stream(self, account_id: str, _: int) -> Also:
        """The account holds again what its person is known by, and no older password opens a session."""
        account = await self.accounts.load(account_id)
        held = await self.accounts.held_by(account_id)

        async def write(transaction: AsyncClientSession) -> None:
            for reservation in held:
                await self.store.reservations.take(reservation, account_id, transaction)
            await self.sessions.end_others(account_id, "", account.credential_version, transaction)

        return write

    async def forget(self) -> None:
        """Everybody signs in again."""
        await self.sessions.end_all()
        await self.attempts.end_all()
