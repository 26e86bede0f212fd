"""The authorization endpoint: which requests it believes, and how it refuses the others."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid1, uuid4

import pytest

from tests.esia.world import CALLBACK, World, told

SOKOLOVA = ("+7(900)1000001", "sokolova1")


@pytest.mark.parametrize("address", ["/aas/oauth2/ac", "/aas/oauth2/v2/ac"])
async def test_a_signed_request_leads_to_the_login_page(world: World, address: str) -> None:
    visitor = world.visitor()
    response = await visitor.open(address, **world.portal.authorization())
    assert response.status_code == 200
    assert "Телефон / Email / СНИЛС" in visitor.page


async def test_a_whole_sign_in_comes_back_with_a_code_and_the_state(world: World) -> None:
    state = str(uuid4())
    visitor = await world.at_code(*SOKOLOVA, state=state)
    response = await visitor.submit(code=await visitor.last_code())
    assert response.headers["location"].startswith(f"{CALLBACK}?")
    assert told(response).keys() == {"code", "state"}
    assert told(response)["state"] == state


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"response_type": "token"}, "ESIA-007003"),
        ({"access_type": "forever"}, "ESIA-007003"),
        ({"state": str(uuid1())}, "ESIA-007003"),
        ({"state": "17"}, "ESIA-007003"),
        ({"scope": "openid everything"}, "ESIA-007006"),
        ({"timestamp": "2026-11-22T09:00:00Z"}, "ESIA-007015"),
        ({"timestamp": "2026.13.41 09:00:00 +0000"}, "ESIA-007015"),
        ({"code_challenge_method": "plain"}, "ESIA-007040"),
        ({"code_challenge": "short"}, "ESIA-007040"),
        ({"code_challenge": ""}, "ESIA-007040"),
        ({"client_secret": "forged"}, "ESIA-007053"),
        ({"client_secret": "%%%"}, "ESIA-007053"),
    ],
)
async def test_a_wrong_parameter_goes_back_with_its_number(world: World, changed: dict[str, str], number: str) -> None:
    parameters = world.portal.authorization(**changed)
    response = await world.http().get("/aas/oauth2/ac", params=parameters)
    assert response.headers["location"].startswith(f"{CALLBACK}?error=")
    assert told(response)["error_description"].startswith(f"{number}: ")
    assert told(response)["state"] == parameters["state"]


@pytest.mark.parametrize("name", ["client_secret", "scope", "response_type", "state", "access_type", "timestamp"])
async def test_a_missing_parameter_is_007014(world: World, name: str) -> None:
    parameters = world.portal.authorization()
    del parameters[name]
    response = await world.http().get("/aas/oauth2/ac", params=parameters)
    assert told(response)["error_description"].startswith("ESIA-007014: ")


async def test_a_request_older_or_newer_than_five_minutes_is_007015(world: World) -> None:
    parameters = world.portal.authorization()
    world.clock.go_on(timedelta(minutes=5))
    assert "/login/" in (await world.http().get("/aas/oauth2/ac", params=parameters)).headers["location"]
    world.clock.go_on(timedelta(seconds=1))
    late = await world.http().get("/aas/oauth2/ac", params=parameters)
    world.clock.go_on(timedelta(minutes=-10, seconds=-2))
    early = await world.http().get("/aas/oauth2/ac", params=parameters)
    assert [told(r)["error_description"][:11] for r in (late, early)] == ["ESIA-007015", "ESIA-007015"]


async def test_a_secret_for_another_message_is_007053(world: World) -> None:
    secret = world.portal.authorization()["client_secret"]
    parameters = world.portal.authorization(client_secret=secret)
    response = await world.http().get("/aas/oauth2/ac", params=parameters)
    assert told(response)["error_description"].startswith("ESIA-007053: ")


async def test_a_secret_by_another_certificate_is_007002(world: World) -> None:
    response = await world.http().get("/aas/oauth2/ac", params=world.stranger.authorization())
    assert told(response)["error_description"].startswith("ESIA-007002: ")


async def test_padding_of_the_secret_does_not_matter(world: World) -> None:
    parameters = world.portal.authorization()
    padding = "=" * (-len(parameters["client_secret"]) % 4)
    padded = parameters | {"client_secret": parameters["client_secret"] + padding}
    response = await world.http().get("/aas/oauth2/ac", params=padded)
    assert response.headers["location"].startswith("/login/")


async def test_a_secret_is_refused_when_the_certificate_has_expired(world: World) -> None:
    world.clock.go_on(timedelta(days=31))
    response = await world.http().get("/aas/oauth2/ac", params=world.portal.authorization())
    assert told(response)["error_description"].startswith("ESIA-007053: ")


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"client_id": "NOBODY"}, "ESIA-007005"),
        ({"redirect_uri": "http://evil.example/esia/callback"}, "ESIA-007023"),
        ({"redirect_uri": f"{CALLBACK}/"}, "ESIA-007023"),
        ({"redirect_uri": f"{CALLBACK}?a=b"}, "ESIA-007023"),
        ({"redirect_uri": ""}, "ESIA-007014"),
        ({"client_id": ""}, "ESIA-007014"),
    ],
)
async def test_an_error_is_never_sent_to_an_address_that_is_not_registered(
    world: World, changed: dict[str, str], number: str
) -> None:
    response = await world.http().get("/aas/oauth2/ac", params=world.portal.authorization(**changed))
    assert response.status_code == 400
    assert number in response.text


async def test_a_repeated_parameter_is_not_believed(world: World) -> None:
    query = f"{urlencode(world.portal.authorization())}&redirect_uri=http://evil.example/"
    response = await world.http().get("/aas/oauth2/ac", params=query)
    assert response.status_code == 400
    assert "ESIA-007003" in response.text


async def test_cancelling_goes_back_with_007004_and_leaves_the_sign_in_open(world: World) -> None:
    state = str(uuid4())
    visitor = await world.at_login(state=state)
    login_page = visitor.at
    response = await visitor.open(f"{login_page}/cancel")
    assert told(response)["error"] == "access_denied"
    assert told(response)["error_description"].startswith("ESIA-007004: ")
    assert told(response)["state"] == state
    assert (await visitor.open(login_page)).status_code == 200


async def test_a_client_for_confirmed_accounts_only_gets_007055(world: World) -> None:
    visitor = await world.at_code("+7(900)1000003", "zaitsev1", client_id="CONFIRMED")
    response = await visitor.submit(code=await visitor.last_code())
    assert told(response)["error_description"].startswith("ESIA-007055: ")
