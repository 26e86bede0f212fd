"""When Gosuslugi fails or refuses: the API says clearly what happened, nothing is stored, and trying again helps."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from tests.api.caller import ATTEMPTS, SESSION, Caller, problem
from tests.journeys.evidence import everything_kept
from tests.journeys.steps import Citizen, citizen

PLACES = ("token", "person", "documents", "contacts")
KINDS = ("down", "slow", "garbage")


@pytest.fixture
async def faults(portal: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in's door for faults; none is left behind."""
    async with httpx.AsyncClient(base_url=portal.esia_url) as http:
        yield http
        await http.delete("/stand-in/faults")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", PLACES)
async def test_gosuslugi_that_fails_is_told_of_and_leaves_nothing(
    portal: Stack, stranger: Caller, person: Citizen, faults: httpx.AsyncClient, at: str, kind: str
) -> None:
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, person)
    before = await everything_kept(portal)
    planned = await faults.post("/stand-in/faults", json={"at": at, "kind": kind, "times": 10, "seconds": 15})
    assert planned.status_code == 204
    assert problem(await stranger.complete(attempt_id, answer)) == (503, "esia-unavailable")
    assert problem(await stranger.call("GET", SESSION)) == (401, "sign-in-required")
    assert await everything_kept(portal) == before
    await faults.delete("/stand-in/faults")
    assert (await stranger.come_in(person))["outcome"] == "registered"


async def test_a_code_that_gosuslugi_has_not_looked_at_is_still_good(
    stranger: Caller, person: Citizen, faults: httpx.AsyncClient
) -> None:
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, person)
    await faults.post("/stand-in/faults", json={"at": "token", "kind": "down"})
    assert problem(await stranger.complete(attempt_id, answer)) == (503, "esia-unavailable")
    assert (await stranger.complete(attempt_id, answer)).json()["outcome"] == "registered"


@pytest.mark.parametrize(
    ("error", "description", "told"),
    [
        ("access_denied", "ESIA-007004: denied", (403, "esia-denied")),
        ("invalid_request", "ESIA-007055: unconfirmed", (403, "account-unconfirmed")),
        ("temporarily_unavailable", "ESIA-007008: busy", (403, "sent-back-unavailable")),
        ("unauthorized_client", "ESIA-007019: no permission", (403, "sent-back-refused")),
        ("\u0000<script>", "", (403, "sent-back-refused")),
    ],
)
async def test_an_error_that_the_browser_brings_is_told_in_our_words(
    portal: Stack, stranger: Caller, error: str, description: str, told: tuple[int, str]
) -> None:
    before = await everything_kept(portal)
    attempt_id = await stranger.begin("registration")
    answer = {"error": error, "error_description": description}
    refused = await stranger.complete(attempt_id, answer)
    assert problem(refused) == told
    assert error not in refused.json()["detail"]
    assert problem(await stranger.complete(attempt_id, answer)) == told
    assert await everything_kept(portal) == before


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("Учётная запись не подтверждена", "account-unconfirmed"),
        ("Ребёнок", "under-age"),
        ("Вошёл от имени организации", "organisation"),
    ],
)
async def test_who_may_not_register_is_told_why_and_leaves_nothing(
    portal: Stack, stranger: Caller, note: str, code: str
) -> None:
    before = await everything_kept(portal)
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, citizen(portal, note))
    assert problem(await stranger.complete(attempt_id, answer)) == (403, code)
    assert await everything_kept(portal) == before


async def test_a_forged_state_is_no_attempt(portal: Stack, stranger: Caller, person: Citizen) -> None:
    answer = await stranger.visit_esia(await stranger.begin("registration"), person)
    before = await everything_kept(portal)
    for forged in (str(uuid4()), "x", "{}"):
        assert problem(await stranger.complete(forged, answer)) == (404, "attempt-unknown")
    assert await everything_kept(portal) == before


async def test_another_browser_cannot_finish_an_attempt(
    portal: Stack, stranger: Caller, other: Caller, person: Citizen
) -> None:
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, person)
    before = await everything_kept(portal)
    assert problem(await other.complete(attempt_id, answer)) == (409, "other-browser")
    assert problem(await other.call("POST", f"{ATTEMPTS}/{attempt_id}/authorization")) == (409, "other-browser")
    assert await everything_kept(portal) == before
    assert (await stranger.complete(attempt_id, answer)).status_code == 200


async def test_a_code_is_good_for_one_attempt(portal: Stack, stranger: Caller, person: Citizen) -> None:
    first, second = await stranger.begin("registration"), await stranger.begin("registration")
    answer = await stranger.visit_esia(first, person)
    assert (await stranger.complete(first, answer)).status_code == 200
    await stranger.own_card(1)
    before = await everything_kept(portal)
    refused = await stranger.complete(second, answer)
    assert problem(refused) in ((409, "code-refused"), (502, "esia-refused"))
    assert await everything_kept(portal) == before
