"""Guessing a password is slowed for each login and address, whether or not there is such a login."""

import asyncio
from collections import Counter

import httpx
import pytest

from deploy.local.stack import Stack
from tests.journeys.steps import citizen, register, set_password, sign_in_by_password
from tests.journeys.visitor import Visitor

ALLOWED = 10
SIGN_INS = "/api/settings/sign-ins"


async def guesses(stack: Stack, login: str, address: str, count: int) -> Counter[int]:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=stack.portal_url, transport=transport, timeout=60) as client:

        async def guess(number: int) -> int:
            return (await client.post(SIGN_INS, json={"login": login, "password": f"Wrong{number}"})).status_code

        return Counter(await asyncio.gather(*(guess(number) for number in range(count))))


# From an address each: the gateway lets so many through at once that little is left for a second fifty.
@pytest.mark.parametrize(("login", "address"), [("+79001000001", "127.0.0.9"), ("+79995550000", "127.0.0.109")])
async def test_of_fifty_parallel_guesses_exactly_the_allowed_number_is_verified(
    portal: Stack, login: str, address: str
) -> None:
    assert await guesses(portal, login, address, 50) == {401: ALLOWED, 429: 50 - ALLOWED}


async def test_the_owner_at_another_address_still_signs_in(portal: Stack) -> None:
    person = citizen(portal, "Полис с неверной")
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        await set_password(visitor, "Owner123")
    assert (await guesses(portal, person.login, "127.0.0.8", 50))[429] == 50 - ALLOWED
    async with Visitor(portal.portal_url, address="127.0.0.7") as visitor:
        await sign_in_by_password(visitor, person.login, "Owner123")
        assert person.full_name in visitor.page.text
