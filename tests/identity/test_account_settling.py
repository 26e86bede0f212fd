"""What identity keeps beside its log is made right for accounts that a backup lacks; what may not come back ends."""

import secrets
from datetime import timedelta

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.settling import Settling
from eventlog.store import Also, Document, EventStore
from medonline_contracts.envelope import Origin
from medonline_contracts.identity import PasswordChanged
from services.identity.accounts import Accounts
from services.identity.attempts import Attempt, Attempts
from services.identity.domain import Account, Register, SignIn
from services.identity.refusals import GrantRefused
from services.identity.sessions import Session, Sessions
from services.identity.settling import AccountSettling
from tests.identity.people import GRANTOR, MARIA, TEXT, authenticated
from tests.spec import NOW

ORIGIN = Origin("a test")
REGISTER = Register("RU-STA", TEXT, GRANTOR, NOW, authenticated(), minimum_age=15)


def nothing(_: Account, __: Account) -> Also:
    async def write(_: AsyncClientSession) -> None:
        return

    return write


class Identity:
    """The accounts on an empty log, and what is kept beside them."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.store = EventStore(database, "identity")
        self.accounts = Accounts(self.store, b"a key")
        self.sessions, self.attempts = Sessions(database), Attempts(database)
        of_accounts = AccountSettling(self.store, self.accounts, self.sessions, self.attempts)
        self.settling = Settling(self.store, of_accounts.settle_stream, of_accounts.forget)

    async def open_session(self, session: Session) -> None:
        async with self.store.database.client.start_session() as transaction, await transaction.start_transaction():
            await self.sessions.open(session, secrets.token_hex(8), None, transaction)


@pytest.fixture
async def identity(database: AsyncDatabase[Document]) -> Identity:
    identity = Identity(database)
    await identity.store.prepare()
    return identity


async def test_a_person_who_came_back_from_kafka_is_found_by_gosuslugi_and_by_snils(identity: Identity) -> None:
    _, account = await identity.accounts.admit(REGISTER, NOW, ORIGIN, nothing)
    reservations = identity.store.database["reservations"]
    before = await reservations.find().sort("_id").to_list()
    await reservations.delete_many({})
    await identity.store.database["reimported"].insert_one({"_id": account.account_id, "known": 0})
    await identity.settling.settle()
    assert await reservations.find().sort("_id").to_list() == before
    other_oid = authenticated(MARIA.model_copy(update={"esia_oid": 1000400002}))
    for authentication in (authenticated(), other_oid):
        found, _ = await identity.accounts.admit(SignIn(None, authentication, 15), NOW, ORIGIN, nothing)
        assert found.account_id == account.account_id


async def test_no_password_that_is_older_than_the_log_opens_a_session(identity: Identity) -> None:
    _, account = await identity.accounts.admit(REGISTER, NOW, ORIGIN, nothing)
    changed = PasswordChanged(account_id=account.account_id, credential_version=2)
    await identity.store.append(account.account_id, [changed], expected_version=2, origin=ORIGIN)
    await identity.store.database["reimported"].insert_one({"_id": account.account_id, "known": 1})
    await identity.settling.settle()
    old, last = (Session.by_password(account.account_id, version, NOW, consent_due=False) for version in (1, 2))
    with pytest.raises(GrantRefused):
        await identity.open_session(old)
    await identity.open_session(last)


async def test_sessions_and_attempts_do_not_come_back(identity: Identity) -> None:
    await identity.open_session(Session.by_esia("account", NOW - timedelta(minutes=1), NOW, consent_due=False))
    await identity.attempts.begin(Attempt("attempt", "sign_in", None, None), "a browser", NOW)
    await identity.settling.settle()
    for name in ("sessions", "attempts"):
        assert await identity.store.database[name].count_documents({}) == 0
