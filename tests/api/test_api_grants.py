"""The grant, settings' word that login and password were right: good once, for 30 seconds, for that password alone."""

import asyncio
import time
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from tests.api.caller import SESSION, SESSIONS, SIGN_INS, Caller, problem
from tests.api.tokens import claims_of, key_of, token_of
from tests.journeys.steps import Citizen

PASSWORD = "Vq7stroy"
NEW_PASSWORD = "Vq8stroy"


@pytest.fixture
async def grant(caller: Caller, stranger: Caller, person: Citizen) -> str:
    """The grant of somebody who has just given the right password elsewhere."""
    await caller.set_password(PASSWORD)
    return await stranger.grant(person.login, PASSWORD)


async def test_a_grant_opens_one_session_however_many_try_at_once(stranger: Caller, grant: str) -> None:
    tries = await asyncio.gather(*(stranger.call("POST", SESSIONS, {"grant": grant}) for _ in range(5)))
    assert sorted(answer.status_code for answer in tries) == [201, 401, 401, 401, 401]
    late = await stranger.call("POST", SESSIONS, {"grant": grant})
    assert problem(late) == (401, "grant-refused")


async def test_a_grant_is_good_for_thirty_seconds(portal: Stack, stranger: Caller, grant: str) -> None:
    claims = claims_of(grant)
    assert claims["exp"] - claims["iat"] == 30
    now = int(time.time())
    over = key_of(portal, "settings").sign({**claims, "jti": str(uuid4()), "iat": now - 60, "exp": now - 30})
    assert problem(await stranger.call("POST", SESSIONS, {"grant": over})) == (401, "grant-refused")


async def test_nobody_but_settings_gives_grants(portal: Stack, caller: Caller, stranger: Caller, grant: str) -> None:
    by_identity = key_of(portal, "identity").sign(claims_of(grant))
    for forged in (by_identity, await token_of(portal, caller), grant[:-4] + "AAAA", "x.y.z", "x"):
        assert problem(await stranger.call("POST", SESSIONS, {"grant": forged})) == (401, "grant-refused")


async def test_a_grant_of_before_the_password_was_changed_is_refused(
    caller: Caller, stranger: Caller, grant: str
) -> None:
    await caller.set_password(NEW_PASSWORD)
    assert problem(await stranger.call("POST", SESSIONS, {"grant": grant})) == (401, "grant-refused")


async def test_a_new_password_ends_the_other_sessions_and_the_old_one_opens_none(
    caller: Caller, stranger: Caller, person: Citizen, grant: str
) -> None:
    await stranger.ask("POST", SESSIONS, {"grant": grant})
    await caller.set_password(NEW_PASSWORD)
    assert problem(await stranger.call("GET", SESSION)) == (401, "sign-in-required")
    assert (await caller.call("GET", SESSION)).status_code == 200
    old = await stranger.call("POST", SIGN_INS, {"login": person.login, "password": PASSWORD})
    assert problem(old) == (401, "wrong-login-or-password")
    await stranger.ask("POST", SESSIONS, {"grant": await stranger.grant(person.login, NEW_PASSWORD)})
