"""The token endpoint: what a code is worth, to whom, how often."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import jwt
import pytest

from tests.esia.world import SCOPE, World

SOKOLOVA = ("+7(900)1000001", "sokolova1")


def read(world: World, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, its signature verified (PyJWT refuses ESIA's integer `sub`: not checked here)."""
    options: Any = {f"verify_{claim}": False for claim in ("sub", "aud", "exp", "nbf", "iat")}
    whole = jwt.decode_complete(token, world.signer, algorithms=["RS256"], options=options)
    return whole["header"], whole["payload"]


@pytest.mark.parametrize("address", ["/aas/oauth2/te", "/aas/oauth2/v3/te"])
async def test_a_code_is_exchanged_for_tokens_and_the_state_is_echoed(world: World, address: str) -> None:
    code, state = await world.code_for(*SOKOLOVA), str(uuid4())
    response = await world.exchange(world.portal.token(code, state=state), address)
    answer = response.json()
    assert response.status_code == 200
    assert answer.keys() == {"access_token", "id_token", "expires_in", "state", "token_type"}
    assert (answer["state"], answer["token_type"], answer["expires_in"]) == (state, "Bearer", 3600)


async def test_the_id_token_has_esias_shape(world: World) -> None:
    header, claims = read(world, (await world.tokens(*SOKOLOVA))["id_token"])
    now = int(world.clock.now.timestamp())
    assert header == {"alg": "RS256", "typ": "JWT", "ver": 1, "sbt": "id"}
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("http://esia.gosuslugi.ru/", "MEDONLINE", 1000400001)
    assert (claims["nbf"], claims["iat"], claims["exp"], claims["auth_time"]) == (now, now, now + 3600, now)
    assert claims["amr"] == ["PWD"]
    assert claims["urn:esia:sbj"] == {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:oid": 1000400001,
        "urn:esia:sbj:nam": "OID.1000400001",
        "urn:esia:sbj:is_tru": True,
    }


async def test_an_unconfirmed_account_has_no_mark_of_trust(world: World) -> None:
    _, claims = read(world, (await world.tokens("+7(900)1000003", "zaitsev1"))["id_token"])
    assert "urn:esia:sbj:is_tru" not in claims["urn:esia:sbj"]


async def test_an_organisation_role_is_told_by_the_subjects_type(world: World) -> None:
    _, claims = read(world, (await world.tokens("+7(900)1000010", "gromov1"))["id_token"])
    assert claims["urn:esia:sbj"]["urn:esia:sbj:typ"] == "L"


async def test_a_code_works_once(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    assert (await world.exchange(world.portal.token(code))).status_code == 200
    again = await world.exchange(world.portal.token(code))
    assert again.status_code == 400
    assert again.json()["error_description"].startswith("ESIA-007011: ")


async def test_a_code_lives_five_minutes(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    world.clock.go_on(timedelta(minutes=5))
    response = await world.exchange(world.portal.token(code))
    assert response.json()["error_description"].startswith("ESIA-007011: ")


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"code_verifier": "w" * 43}, "ESIA-007040"),
        ({"code_verifier": "short"}, "ESIA-007040"),
        ({"redirect_uri": "http://localhost:8080/other"}, "ESIA-007011"),
        ({"code": "guessed"}, "ESIA-007011"),
        ({"grant_type": "password"}, "ESIA-007003"),
        ({"token_type": "MAC"}, "ESIA-007003"),
        ({"state": "1"}, "ESIA-007003"),
        ({"client_id": "NOBODY"}, "ESIA-007005"),
        ({"client_id": "CONFIRMED"}, "ESIA-007011"),
        ({"client_secret": "forged"}, "ESIA-007053"),
        ({"timestamp": "yesterday"}, "ESIA-007015"),
        ({"scope": "all"}, "ESIA-007006"),
        ({"code_verifier": ""}, "ESIA-007014"),
        ({"redirect_uri": ""}, "ESIA-007014"),
    ],
)
async def test_a_wrong_exchange_is_refused_with_its_number(world: World, changed: dict[str, str], number: str) -> None:
    parameters = world.portal.token(await world.code_for(*SOKOLOVA), **changed)
    response = await world.exchange(parameters)
    assert response.status_code == 400
    assert response.json()["error_description"].startswith(f"{number}: ")
    assert response.json()["state"] == parameters["state"]


async def test_another_ones_certificate_gets_no_token(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    response = await world.exchange(world.stranger.token(code))
    assert response.json()["error_description"].startswith("ESIA-007002: ")


async def test_a_wrong_verifier_burns_the_code(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    await world.exchange(world.portal.token(code, code_verifier="w" * 43))
    response = await world.exchange(world.portal.token(code))
    assert response.json()["error_description"].startswith("ESIA-007011: ")


async def test_no_more_scopes_than_the_person_was_asked_for(world: World) -> None:
    code = await world.code_for(*SOKOLOVA, scope="openid fullname")
    response = await world.exchange(world.portal.token(code, scope=SCOPE))
    assert response.json()["error_description"].startswith("ESIA-007019: ")


async def test_a_repeated_parameter_is_not_believed(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    body = urlencode(world.portal.token(code)) + "&code=other"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await world.http().post("/aas/oauth2/te", content=body, headers=headers)
    assert response.json()["error_description"].startswith("ESIA-007003: ")
