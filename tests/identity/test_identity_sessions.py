"""Sessions and attempts as they age; time is passed in, MongoDB is real."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from services.identity.api.access import access_token_of
from services.identity.attempts import LIFETIME, Attempt, Attempts, Evidence, Outcome
from services.identity.refusals import AttemptUnknown, GrantRefused
from services.identity.sessions import IDLE, LONGEST, Session, Sessions
from tests.identity.people import GRANTOR, TEXT
from tests.spec import NOW

BROWSER = "b" * 43


@pytest.fixture
async def sessions(database: AsyncDatabase[Document]) -> Sessions:
    sessions = Sessions(database)
    await sessions.prepare()
    return sessions


@pytest.fixture
async def attempts(database: AsyncDatabase[Document]) -> Attempts:
    return Attempts(database)  # without its indexes: MongoDB's own clearing up does not know the test's time


async def opened(
    database: AsyncDatabase[Document],
    sessions: Sessions,
    credential_version: int | None = None,
    now: datetime = NOW,
    proved_at: datetime | None = None,
) -> str:
    secret = str(uuid4())
    if credential_version is None:
        session = Session.by_esia("account", proved_at or now, now, consent_due=False)
    else:
        session = Session.by_password("account", credential_version, now, consent_due=False)
    async with database.client.start_session() as transaction:
        await transaction.with_transaction(lambda t: sessions.open(session, secret, None, t))
    return secret


async def test_a_session_ends_an_hour_after_it_was_last_used(database: AsyncDatabase[Document]) -> None:
    sessions = Sessions(database)
    secret = await opened(database, sessions)
    assert await sessions.find(secret, NOW + timedelta(minutes=59))
    assert await sessions.find(secret, NOW + timedelta(minutes=118))
    assert await sessions.find(secret, NOW + timedelta(minutes=118) + IDLE) is None


async def test_a_session_ends_after_twelve_hours_however_busy_it_is(database: AsyncDatabase[Document]) -> None:
    sessions = Sessions(database)
    secret, at = await opened(database, sessions), NOW
    while at < NOW + LONGEST - timedelta(minutes=30):
        at += timedelta(minutes=30)
        assert await sessions.find(secret, at)
    assert await sessions.find(secret, NOW + LONGEST) is None


async def test_twelve_hours_count_from_the_opening_however_old_the_proof_is(database: AsyncDatabase[Document]) -> None:
    sessions = Sessions(database)
    secret, at = await opened(database, sessions, proved_at=NOW - timedelta(hours=11, minutes=30)), NOW
    while at < NOW + LONGEST - timedelta(minutes=30):
        at += timedelta(minutes=30)
        assert await sessions.find(secret, at)


@pytest.mark.parametrize(
    ("proved_at", "fresh"), [(NOW, True), (NOW - timedelta(minutes=11), False), (NOW + timedelta(minutes=5), True)]
)
def test_fresh_is_the_proof_at_gosuslugi_and_not_the_session(proved_at: datetime, fresh: bool) -> None:
    session = Session.by_esia("account", proved_at, NOW, consent_due=False)
    assert session.auth_time == min(proved_at, NOW)
    assert access_token_of(session).fresh(NOW) is fresh
    assert not access_token_of(session).fresh(NOW + timedelta(minutes=11))


async def test_that_a_session_is_used_is_written_down_at_most_once_a_minute(
    database: AsyncDatabase[Document],
) -> None:
    sessions = Sessions(database)
    secret = await opened(database, sessions)
    for seconds in (1, 30, 59, 61, 90):
        await sessions.find(secret, NOW + timedelta(seconds=seconds))
    document = await database["sessions"].find_one({})
    assert document
    assert document["last_seen_at"] == NOW + timedelta(seconds=61)


async def test_no_old_password_opens_a_session_beside_the_change_that_forbids_it(
    database: AsyncDatabase[Document], sessions: Sessions
) -> None:
    """Whichever comes first, the change or the sign-in: afterwards no session of the old password is there."""
    await opened(database, sessions)
    for version in range(2, 22):
        async with database.client.start_session() as transaction:
            change = transaction.with_transaction(
                lambda t, v=version: sessions.end_others("account", "none", v, t)  # type: ignore[misc]  # a default
            )
            old = opened(database, sessions, version - 1)
            results = await asyncio.gather(change, old, return_exceptions=True)
        assert isinstance(results[1], str | GrantRefused), results
        assert await database["sessions"].count_documents({}) == 0


def evidence() -> Evidence:
    return Evidence(TEXT, NOW, GRANTOR)


async def test_an_attempt_lasts_a_quarter_of_an_hour(attempts: Attempts) -> None:
    attempt = Attempt("id", "registration", "RU-STA", None, "verifier", evidence())
    assert await attempts.begin(attempt, BROWSER, NOW) == NOW + LIFETIME
    assert await attempts.find("id", BROWSER, NOW + LIFETIME - timedelta(seconds=1)) == attempt
    with pytest.raises(AttemptUnknown):
        await attempts.find("id", BROWSER, NOW + LIFETIME)
    with pytest.raises(AttemptUnknown):
        await attempts.claim("id", BROWSER, NOW + LIFETIME)


async def test_an_attempt_is_worked_on_by_one_request_at_a_time(attempts: Attempts) -> None:
    await attempts.begin(Attempt("id", "sign_in", None, None, "verifier"), BROWSER, NOW)
    claims = await asyncio.gather(*(attempts.claim("id", BROWSER, NOW) for _ in range(10)))
    assert len([claim for claim in claims if claim]) == 1


async def test_the_attempt_of_a_request_that_died_can_be_claimed_again(attempts: Attempts) -> None:
    await attempts.begin(Attempt("id", "sign_in", None, None, "verifier"), BROWSER, NOW)
    assert await attempts.claim("id", BROWSER, NOW)
    assert await attempts.claim("id", BROWSER, NOW + timedelta(seconds=19)) is None
    assert await attempts.claim("id", BROWSER, NOW + timedelta(seconds=20))


async def test_a_finished_attempt_keeps_its_outcome_alone(
    database: AsyncDatabase[Document], attempts: Attempts
) -> None:
    await attempts.begin(Attempt("id", "registration", "RU-STA", "/cards", "verifier", evidence()), BROWSER, NOW)
    claimed = await attempts.claim("id", BROWSER, NOW)
    assert claimed
    outcome = Outcome(account_id="account", version=2, registered=True)
    await attempts.finish(claimed, outcome)
    assert await attempts.claim("id", BROWSER, NOW) == Attempt(
        "id", "registration", "RU-STA", "/cards", outcome=outcome
    )
    document = await database["attempts"].find_one({})
    assert document
    kept = {"_id", "browser", "purpose", "region", "return_to", "claimed_until", "expires_at", "outcome"}
    assert document.keys() == kept
