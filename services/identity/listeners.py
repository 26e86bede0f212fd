"""Identity, the Kafka door: to a new password, told by settings, it reacts by ending the account's other sessions."""

from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.bus import Bus
from eventlog.reactor import Reaction, Reactor
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import SETTINGS_EVENTS
from services.identity.accounts import Accounts
from services.identity.domain import RecordPassword, decide
from services.identity.sessions import Sessions

PASSWORD_REACTOR = "identity.password-reactor"  # noqa: S105  a consumer group's name


class PasswordReaction:
    """`PasswordSet` → `PasswordChanged`, with the sessions of older passwords ended in the same transaction."""

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions

    async def react(self, envelope: Envelope[Event]) -> Reaction:
        """What the event leads to; nothing for other events, and nothing for an account that is not there."""
        event = envelope.event
        if not isinstance(event, PasswordSet):
            return Reaction(envelope.stream_id, 0)
        account = await self._accounts.load(event.account_id)
        recorded = decide(account, RecordPassword(event.credential_version), envelope.time)
        if not recorded:
            return Reaction(event.account_id, account.version)

        async def end_others(transaction: AsyncClientSession) -> None:
            await self._sessions.end_others(event.account_id, event.kept_session, event.credential_version, transaction)

        return Reaction(event.account_id, account.version, recorded, end_others)


def listen(bus: Bus, reactor: Reactor) -> None:
    """Read `settings.events`; of a batch nothing is committed before it is reacted to."""
    bus.listen(PASSWORD_REACTOR, [SETTINGS_EVENTS], reactor.apply, reactor.skip)
