"""How many passwords may be tried, counted on a real MongoDB."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from services.settings.guesses import Guesses, Limit, Limits, TooManyGuesses, home_of
from services.settings.keyed_hash import KeyedHash
from tests.settings.people import START

HOME, CAFE = "192.0.2.1", "2001:db8::5"
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
LIMITS = Limits(Limit(10, QUARTER), Limit(25, QUARTER), Limit(15, DAY), Limit(3, QUARTER), Limit(6, DAY))


@pytest.fixture
def guesses(database: AsyncDatabase[Document]) -> Guesses:
    return Guesses(database, KeyedHash(bytes(32)), LIMITS)


async def passed(guesses: Guesses, count: int, logins: Sequence[str], address: str = HOME) -> int:
    """How many of so many tries at once get past the limits."""
    tries = [guesses.count_sign_in(logins, address, START) for _ in range(count)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    unexpected = [outcome for outcome in outcomes if isinstance(outcome, Exception) and not _too_many(outcome)]
    assert not unexpected
    return sum(not isinstance(outcome, Exception) for outcome in outcomes)


def _too_many(outcome: Exception) -> bool:
    return isinstance(outcome, TooManyGuesses)


async def test_of_tries_side_by_side_exactly_the_allowed_number_passes(guesses: Guesses) -> None:
    assert await passed(guesses, 50, ["anna"]) == 10


async def test_what_one_address_is_refused_does_not_lock_the_owner_out(guesses: Guesses) -> None:
    await passed(guesses, 200, ["anna"], CAFE)
    assert await passed(guesses, 1, ["anna"], HOME) == 1


async def test_many_addresses_together_have_a_limit_for_one_login(guesses: Guesses) -> None:
    tries = [await passed(guesses, 2, ["anna"], f"192.0.2.{number}") for number in range(20)]
    assert sum(tries) == 15


async def test_one_address_has_a_limit_over_all_logins(guesses: Guesses) -> None:
    tries = [await passed(guesses, 2, [f"login{number}"]) for number in range(20)]
    assert sum(tries) == 25


async def test_the_addresses_of_one_ipv6_network_count_as_one(guesses: Guesses) -> None:
    tries = [await passed(guesses, 1, ["anna"], f"2001:db8:0:7::{number:x}") for number in range(15)]
    assert sum(tries) == 10
    assert await passed(guesses, 1, ["anna"], "2001:db8:0:8::1") == 1


async def test_a_text_that_can_mean_two_logins_counts_for_both(guesses: Guesses) -> None:
    await passed(guesses, 10, ["phone", "snils"])
    assert await passed(guesses, 1, ["phone"]) == 0
    assert await passed(guesses, 1, ["snils"]) == 0


async def test_a_right_password_clears_the_count_and_was_no_guess(guesses: Guesses) -> None:
    await passed(guesses, 9, ["anna"])
    await guesses.was_right(await guesses.count_sign_in(["anna"], HOME, START))
    assert await passed(guesses, 50, ["anna"]) == 15 - 9


async def test_a_password_that_was_not_looked_at_is_not_counted(guesses: Guesses) -> None:
    for _ in range(50):
        await guesses.was_not_verified(await guesses.count_sign_in(["anna"], HOME, START))
    assert await passed(guesses, 50, ["anna"]) == 10


async def test_the_limit_says_when_it_ends_and_then_it_has_ended(guesses: Guesses) -> None:
    await passed(guesses, 10, ["anna"])
    with pytest.raises(TooManyGuesses) as refused:
        await guesses.count_sign_in(["anna"], HOME, START + timedelta(minutes=5))
    assert refused.value.retry_after == timedelta(minutes=10)
    await guesses.count_sign_in(["anna"], HOME, START + QUARTER)


async def test_of_tries_side_by_side_none_is_told_to_wait_longer_than_the_limit_lasts(guesses: Guesses) -> None:
    for _ in range(10):
        await guesses.count_sign_in(["anna"], HOME, START + timedelta(milliseconds=1))
    with pytest.raises(TooManyGuesses) as refused:
        await guesses.count_sign_in(["anna"], HOME, START)
    assert refused.value.retry_after == QUARTER


async def test_the_current_password_cannot_be_guessed_either(guesses: Guesses) -> None:
    for _ in range(3):
        await guesses.count_current_password("account", START)
    with pytest.raises(TooManyGuesses):
        await guesses.count_current_password("account", START)
    await guesses.count_current_password("another", START)


async def test_the_current_password_has_a_limit_for_a_day_that_a_right_one_does_not_clear(
    database: AsyncDatabase[Document],
) -> None:
    guesses, now = Guesses(database, KeyedHash(bytes(32)), Limits()), START
    for _ in range(10):
        for _ in range(10):
            await guesses.count_current_password("account", now)
        now += QUARTER
    with pytest.raises(TooManyGuesses) as refused:
        await guesses.count_current_password("account", now)
    assert refused.value.retry_after == START + DAY - now
    await guesses.count_current_password("another", now)
    await guesses.count_current_password("account", START + DAY)


async def test_between_its_owners_right_passwords_nobody_guesses_more_than_the_days_limit(guesses: Guesses) -> None:
    for _ in range(5):
        await guesses.count_current_password("account", START)
        await guesses.was_right(await guesses.count_current_password("account", START))
    await guesses.count_current_password("account", START)
    with pytest.raises(TooManyGuesses):
        await guesses.count_current_password("account", START)


async def test_a_current_password_that_was_right_or_not_looked_at_was_no_guess(guesses: Guesses) -> None:
    for _ in range(10):
        await guesses.was_right(await guesses.count_current_password("account", START))
        await guesses.was_not_verified(await guesses.count_current_password("account", START))


async def test_an_account_sets_so_many_passwords_and_no_more_for_a_while(guesses: Guesses) -> None:
    for _ in range(10):
        await guesses.count_new_password("account", START)
    with pytest.raises(TooManyGuesses):
        await guesses.count_new_password("account", START)
    await guesses.count_new_password("another", START)
    await guesses.count_new_password("account", START + QUARTER)


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:7::5", "2001:db8:0:7::/64"),
        ("2001:DB8:0:7:ffff::9", "2001:db8:0:7::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_of_an_ipv6_address_the_network_is_its_home(address: str, home: str) -> None:
    assert home_of(address) == home


async def test_no_login_and_no_address_is_kept(guesses: Guesses, database: AsyncDatabase[Document]) -> None:
    await passed(guesses, 3, ["anna"])
    kept = str(await database["guesses"].find().to_list())
    assert HOME not in kept
    assert "anna" not in kept


async def test_counters_go_away_by_themselves(guesses: Guesses, database: AsyncDatabase[Document]) -> None:
    await guesses.prepare()
    indexes = await database["guesses"].index_information()
    assert indexes["until_1"]["expireAfterSeconds"] == 0
