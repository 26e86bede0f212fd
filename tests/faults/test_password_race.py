"""The password is changed while sign-ins with the old one are under way: no session survives from the old one."""

import asyncio
from collections.abc import Sequence
from random import Random

import httpx
import pytest

from tests.faults.seeds import seeds
from tests.identity.world import Browser, World

SIGN_INS = 25
SPREAD_SECONDS = 0.6


@pytest.mark.long  # it reads with the group of the service itself, as the tests of identity do
@seeds(short=3, long=20)
async def test_no_session_survives_that_the_old_password_opened(world: World, seed: int) -> None:
    random = Random(seed)
    kept = world.browser()
    account_id = (await kept.register(world.gosuslugi.invent()))["account_id"]
    kept_session = (await kept.session()).json()["session_id"]
    grants = [world.grant(account_id, 0) for _ in range(SIGN_INS)]  # each says: the old password was right just now

    async def change() -> None:
        await asyncio.sleep(random.uniform(SPREAD_SECONDS / 3, SPREAD_SECONDS / 2))
        await world.password_set(account_id, 1, kept_session)

    async def sign_in(grant: str) -> httpx.Response:
        await asyncio.sleep(random.uniform(0, SPREAD_SECONDS))
        return await world.browser().http.post("/api/identity/sessions", json={"grant": grant})

    *opened, _ = await asyncio.gather(*map(sign_in, grants), change())
    async with asyncio.timeout(30):
        while not (await kept.http.get("/api/identity/password?version=1")).json()["applied"]:
            pass
    in_time = [answer for answer in opened if answer and answer.status_code == 201]
    assert in_time
    assert await still_open(world, in_time) == 0
    assert await kept.signed_in()


async def still_open(world: World, opened: Sequence[httpx.Response]) -> int:
    """How many of these sessions anybody could still use."""
    browsers = [in_session(world, answer.cookies["session"]) for answer in opened]
    return sum(await asyncio.gather(*(browser.signed_in() for browser in browsers)))


def in_session(world: World, session: str) -> Browser:
    browser = world.browser()
    browser.http.cookies.set("session", session)
    return browser
