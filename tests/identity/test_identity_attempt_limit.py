"""How many attempts one address may begin; time is passed in, MongoDB is real."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from services.identity.attempt_limit import SIGNED_PER_ATTEMPT, WITHIN, AttemptLimit, network_of
from services.identity.main import build
from services.identity.refusals import TooManyAttempts
from tests.identity.world import World, problem
from tests.spec import NOW

ADDRESS, ELSEWHERE, SIGNING = "198.51.100.7", "198.51.100.8", "198.51.100.9"  # nobody else's in these tests
KEY = b"k" * 32


async def test_of_fifty_attempts_at_once_exactly_the_allowed_number_is_begun(database: AsyncDatabase[Document]) -> None:
    limit = AttemptLimit(database, KEY, 10)
    results = await asyncio.gather(*(limit.count(ADDRESS, NOW) for _ in range(50)), return_exceptions=True)
    assert results.count(None) == 10
    assert all(isinstance(result, TooManyAttempts) for result in results if result is not None)
    await limit.count(ELSEWHERE, NOW)


async def test_ten_minutes_after_the_first_attempt_the_address_may_go_on(database: AsyncDatabase[Document]) -> None:
    limit = AttemptLimit(database, KEY, 1)
    await limit.count(ADDRESS, NOW)
    with pytest.raises(TooManyAttempts) as refused:
        await limit.count(ADDRESS, NOW + timedelta(minutes=4))
    assert refused.value.retry_after == timedelta(minutes=6)
    await limit.count(ADDRESS, NOW + WITHIN)


async def test_no_address_is_stored(database: AsyncDatabase[Document]) -> None:
    await AttemptLimit(database, KEY, 1).count(ADDRESS, NOW)
    stored = await database["attempt_counts"].find_one({})
    assert stored
    assert ADDRESS not in repr(stored)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        (f"::ffff:{ADDRESS}", ADDRESS, True),
        (f"::ffff:{ELSEWHERE}", ADDRESS, False),
        (ADDRESS, ELSEWHERE, False),
        ("unknown", "unknown", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


@pytest.fixture
async def strict(world: World) -> AsyncIterator[World]:
    """The same service where an address may begin two attempts."""
    app = build(world.config.model_copy(update={"attempts_per_address": 2}))
    async with app.router.lifespan_context(app):
        yield replace(world, app=app)


async def test_who_begins_too_many_attempts_is_told_when_to_come_back(strict: World) -> None:
    browser = strict.browser()
    browser.http.headers["x-client-address"] = ADDRESS
    for _ in range(2):
        await browser.begin()
    before = await strict.everything()
    answer = await browser.http.post("/api/identity/attempts", json={"purpose": "sign_in"})
    assert problem(answer) == (429, "too-many-attempts")
    assert 0 < int(answer.headers["retry-after"]) <= WITHIN.total_seconds()
    assert await strict.everything() == before
    browser.http.headers["x-client-address"] = ELSEWHERE
    await browser.begin()


async def test_who_has_the_way_signed_too_often_is_told_when_to_come_back(strict: World) -> None:
    browser = strict.browser()
    browser.http.headers["x-client-address"] = SIGNING
    attempt_id = await browser.begin()
    for _ in range(2 * SIGNED_PER_ATTEMPT):
        await browser.authorization_url(attempt_id)
    answer = await browser.http.post(f"/api/identity/attempts/{attempt_id}/authorization")
    assert problem(answer) == (429, "too-many-attempts")
    assert 0 < int(answer.headers["retry-after"]) <= WITHIN.total_seconds()
    await browser.begin()
    browser.http.headers["x-client-address"] = ELSEWHERE
    await browser.authorization_url(attempt_id)
