"""Signing in by password on a real MongoDB: who gets a grant, and that everyone else gets the same answer and work."""

import asyncio
from datetime import timedelta
from typing import Literal

import jwt
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import SigningKey
from chassis.token import Clock
from eventlog.projector import Projector
from eventlog.seal import LogSealed, Seal
from eventlog.store import Document
from medonline_contracts.person import Contact
from services.settings.guesses import Guesses, Limits
from services.settings.keyed_hash import KeyedHash
from services.settings.passwords import Busy, Credential, Passwords
from services.settings.sign_in import SignIn, WrongLoginOrPassword
from services.settings.views import Profiles, projection
from tests.settings.people import START, authenticated, confirmed, esia_person, new_account, new_phone, recorded

PASSWORD = "Ek7tqd"
HOME = "192.0.2.1"
PRIVATE = Ed25519PrivateKey.generate()
HASH = KeyedHash(bytes(32))


class CountingHasher(PasswordHasher):
    """Argon2id at its cheapest; it counts what it verifies."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified += 1
        return super().verify(hash, password)


class Desk:
    """The sign-in and what it stands on."""

    def __init__(self, database: AsyncDatabase[Document], most_waiting: int = 32) -> None:
        self.database = database
        self.hasher = CountingHasher()
        self.passwords = Passwords(database, self.hasher, most_waiting)
        guesses = Guesses(database, HASH, Limits())
        self.sign_in = SignIn(Profiles(database), self.passwords, guesses, HASH, SigningKey(PRIVATE), Seal(database))

    async def registered(self, password: str | None = PASSWORD, trusted: bool = True, **person: object) -> str:
        """An account that Gosuslugi confirmed, with this password."""
        account_id = new_account()
        event = authenticated(account_id, esia_person(**person), trusted)
        await Projector(self.database, projection(HASH)).apply([recorded(account_id, 2, event)])
        if password:
            credential = Credential(account_id, await self.passwords.hash(password), 1)
            async with self.database.client.start_session() as session:
                await self.passwords.keeping(credential, START)(session)
        return account_id

    async def grant(
        self, login: str, password: str = PASSWORD, address: str = HOME, clock: Clock = lambda: START
    ) -> dict[str, object]:
        """The claims of the grant."""
        token = await self.sign_in.grant(login, password, address, clock)
        claims: dict[str, object] = jwt.decode(
            token,
            PRIVATE.public_key(),
            ["EdDSA"],
            audience="identity",
            issuer="settings",
            options={"verify_exp": False, "verify_iat": False},
        )
        return claims

    async def refused(self, login: str, password: str = PASSWORD) -> None:
        """The one answer, after one verification."""
        before = self.hasher.verified
        with pytest.raises(WrongLoginOrPassword):
            await self.grant(login, password)
        assert self.hasher.verified == before + 1


@pytest.fixture
def desk(database: AsyncDatabase[Document]) -> Desk:
    return Desk(database)


async def test_a_right_password_gets_a_grant_that_names_account_and_password(desk: Desk) -> None:
    account_id = await desk.registered(phone=confirmed("+79000000000"))
    claims = await desk.grant("8 (900) 000-00-00")
    assert (claims["sub"], claims["credential_version"]) == (account_id, 1)
    assert claims["exp"] == int((START + timedelta(seconds=30)).timestamp())
    assert (await desk.grant("8 (900) 000-00-00"))["jti"] != claims["jti"]


async def test_the_thirty_seconds_of_a_grant_begin_when_its_password_has_been_verified(desk: Desk) -> None:
    await desk.registered(phone=confirmed("+79000000000"))
    verified = START + timedelta(seconds=20)
    told = iter([START, verified])
    claims = await desk.grant("+79000000000", clock=lambda: next(told))
    assert claims["exp"] == int((verified + timedelta(seconds=30)).timestamp())


@pytest.mark.parametrize("login", ["+7 900 000-00-00", "Anna@Mail.Example ", "700-000-001 64", "70000000164"])
async def test_any_confirmed_login_in_any_writing_will_do(desk: Desk, login: str) -> None:
    account_id = await desk.registered(
        phone=confirmed("+79000000000"), email=confirmed("anna@mail.example"), snils="700-000-001 64"
    )
    assert (await desk.grant(login))["sub"] == account_id


async def test_unknown_login_wrong_password_and_no_password_are_answered_and_worked_alike(desk: Desk) -> None:
    await desk.registered(phone=confirmed("+79000000001"))
    await desk.registered(phone=confirmed("+79000000002"), password=None)
    await desk.refused("+79000000001", "Ek7tqD")
    await desk.refused("+79000000002")
    await desk.refused("+79000000003")
    await desk.refused("neither phone nor e-mail nor СНИЛС")
    await desk.refused("\ud800", "\ud800")


async def test_what_gosuslugi_did_not_confirm_is_no_login(desk: Desk) -> None:
    await desk.registered(phone=Contact(value="+79000000000"), snils="700-000-001 64", trusted=False)
    await desk.refused("+79000000000")
    await desk.refused("700-000-001 64")


async def test_a_phone_confirmed_for_two_is_a_login_for_neither(desk: Desk) -> None:
    both = confirmed(new_phone())
    wife = await desk.registered(phone=both, email=confirmed("wife@mail.example"))
    husband = await desk.registered(phone=both, email=confirmed("husband@mail.example"))
    await desk.refused(both.value)
    assert (await desk.grant("wife@mail.example"))["sub"] == wife
    assert (await desk.grant("husband@mail.example"))["sub"] == husband


async def test_a_new_phone_at_gosuslugi_is_the_login_and_the_old_one_no_longer(desk: Desk) -> None:
    account_id = await desk.registered(phone=confirmed("+79000000000"))
    event = authenticated(account_id, esia_person(phone=confirmed("+79000000001")))
    await Projector(desk.database, projection(HASH)).apply([recorded(account_id, 3, event)])
    await desk.refused("+79000000000")
    assert (await desk.grant("+79000000001"))["sub"] == account_id


async def test_a_hash_with_old_parameters_is_replaced_at_the_next_sign_in(desk: Desk) -> None:
    account_id = await desk.registered(phone=confirmed("+79000000000"), password=None)
    old = Passwords(desk.database, CountingHasher(time_cost=2))
    async with desk.database.client.start_session() as session:
        await old.keeping(Credential(account_id, await old.hash(PASSWORD), 7), START)(session)
    assert (await desk.grant("+79000000000"))["credential_version"] == 7
    kept = await desk.database["credentials"].find_one({"_id": account_id})
    assert kept
    assert ",t=1," in kept["hash"]
    assert (await desk.grant("+79000000000"))["credential_version"] == 7


async def test_more_than_can_be_hashed_in_time_are_sent_away_uncounted(database: AsyncDatabase[Document]) -> None:
    desk = Desk(database, most_waiting=1)
    phones = [new_phone() for _ in range(8)]
    guesses = [desk.grant(phone, "Ek7tqD", f"192.0.2.{number}") for number, phone in enumerate(phones)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    verified = [outcome for outcome in outcomes if isinstance(outcome, WrongLoginOrPassword)]
    assert len(verified) == desk.hasher.verified
    assert {type(outcome) for outcome in outcomes} <= {WrongLoginOrPassword, Busy}
    counted = await database["guesses"].count_documents({"tries": {"$gt": 0}})
    assert counted == 3 * len(verified)


async def test_while_the_log_is_sealed_a_right_password_opens_nothing_and_is_not_counted(desk: Desk) -> None:
    """It may be a backup's, and have been changed since."""
    await desk.registered(phone=confirmed("+79000000000"))
    await Seal(desk.database).close("settings.events", "a backup was restored")
    with pytest.raises(LogSealed):
        await desk.grant("+79000000000")
    assert (desk.hasher.verified, await desk.database["guesses"].count_documents({})) == (0, 0)
