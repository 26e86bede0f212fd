"""Every operation of every service's OpenAPI behind the gateway, tried by Schemathesis with right and wrong input.

By somebody who is signed in and by a stranger: never a 500, every error is problem+json, every answer is as described.
"""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from requests.adapters import HTTPAdapter
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from deploy.local.stack import Stack
from tests.api.caller import CARDS, Caller, problem, signed_in
from tests.journeys.newcomers import newcomer

SERVICES = ("identity", "cards", "settings")
COMMITTED = Path(__file__).parents[2] / "docs/openapi"
ADDRESS = "127.0.2.2"
BOUNDED = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
Case = schemathesis.Case[Any]
# Rules that a JSON Schema cannot tell: check digits, the letters of a name, a date's calendar, what belongs together.
RULES_BEYOND_THE_SCHEMA = {
    "POST /api/cards",
    "PUT /api/cards/{card_id}",
    "PUT /api/settings/profile",
    "POST /api/identity/attempts",
    "POST /api/identity/attempts/{attempt_id}/completion",
    "POST /api/identity/consents",
}
# A read waits two seconds for a version that has not come; these have.
VERSIONS_THAT_CAME = {"account_version": 1, "card_version": 0, "version": 1}


class FromAddress(HTTPAdapter):
    """Comes from an address of its own, as guesses are counted by address."""

    def init_poolmanager(self, *size: Any, **options: Any) -> None:
        super().init_poolmanager(*size, **options, source_address=(ADDRESS, 0))


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://", FromAddress())
        session.trust_env = False
        yield session


@pytest.fixture(scope="module", params=SERVICES)
def description(portal: Stack, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The OpenAPI document of a service, as the gateway shows it."""
    answer = httpx.get(f"{portal.portal_url}/docs/openapi/{request.param}.json", timeout=30)
    described: dict[str, Any] = answer.raise_for_status().json()
    return described


@pytest.fixture(scope="module")
def schema(portal: Stack, description: dict[str, Any]) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=portal.portal_url)
    return schema


@pytest.fixture
async def session_cookie(portal: Stack) -> AsyncIterator[str]:
    """The session of a newcomer with a card and a password."""
    async with signed_in(portal, newcomer(portal), ADDRESS) as caller:
        await caller.own_card(1)
        await caller.set_password("Vq7stroy")
        yield caller.http.cookies["session"]


@pytest.fixture(autouse=True)
def node_id(request: pytest.FixtureRequest) -> None:
    """Schemathesis 4.32 reads an attribute that pytest 9.2 has renamed."""
    vars(request.node)["_nodeid"] = request.node.nodeid


described = schemathesis.pytest.from_fixture("schema")


def test_the_description_is_the_committed_one(description: dict[str, Any]) -> None:
    assert description in [json.loads(path.read_text()) for path in COMMITTED.glob("*.json")]


def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(description).validate()


# Signing out would end the session that the other operations are tried with; test_api_journey does it.
@described.exclude(method="DELETE", path="/api/identity/session").parametrize()
@BOUNDED
def test_every_answer_to_the_signed_in_is_as_described(case: Case, http: requests.Session, session_cookie: str) -> None:
    case.query = {name: _come(name, value, case) for name, value in (case.query or {}).items()}
    answer = case.call(session=http, headers={"cookie": f"session={session_cookie}"})
    excluded: list[schemathesis.CheckFunction] = []
    if case.operation.label in RULES_BEYOND_THE_SCHEMA:
        excluded.append(positive_data_acceptance)
    if case.method == "QUERY":  # the gateway's parser knows the methods of RFC 9110 and refuses any other itself
        excluded.append(unsupported_method)
    case.validate_response(answer, excluded_checks=excluded)
    _errors_are_problems(answer)


@described.parametrize()
@BOUNDED
def test_every_answer_to_a_stranger_is_as_described(case: Case, http: requests.Session) -> None:
    answer = case.call(session=http)
    # The gateway asks a stranger to sign in before any service looks at the method or the input.
    case.validate_response(answer, excluded_checks=[unsupported_method, positive_data_acceptance])
    _errors_are_problems(answer)


def _come(name: str, value: Any, case: Case) -> Any:
    came = 0 if case.operation.path.endswith("{card_id}") else VERSIONS_THAT_CAME.get(name)
    return came if came is not None and isinstance(value, int) and value > came else value


def _errors_are_problems(answer: schemathesis.Response) -> None:
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].partition(";")[0] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


async def test_a_method_that_a_path_has_not_is_answered_with_those_that_it_has(caller: Caller) -> None:
    refused = await caller.call("POST", f"{CARDS}/{uuid4()}", {})
    assert problem(refused) == (405, "method-not-allowed")
    assert set(refused.headers["allow"].split(", ")) == {"GET", "PUT", "DELETE"}
