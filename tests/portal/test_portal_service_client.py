"""What goes out to a service is the asking person's own, and whatever comes back is answered for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import pytest
from fastapi import Request

from chassis.http import CLIENT_ADDRESS
from chassis.problem import Problem
from services.portal.clients.connections import Said, ServiceAnswer, Unanswered
from services.portal.clients.http import OnBehalf, ServiceClient

PROBLEM = {
    "type": "/problems/card-changed",
    "title": "card changed",
    "status": 409,
    "detail": "Карта изменилась.",
    "errors": [{"field": "snils", "detail": "Проверьте СНИЛС"}],
}


SESSION, BROWSER = "s" * 43, "b" * 43


def asking(secure: bool = False, **headers: str) -> OnBehalf:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return OnBehalf.of(Request({"type": "http", "method": "GET", "path": "/", "headers": raw}), secure)


@dataclass
class Answering:
    """A service that always says the same, and notes with which headers and parameters it was asked."""

    status: int = 200
    body: object = field(default_factory=dict)
    set_cookies: Sequence[str] = ()
    headers: list[Mapping[str, str]] = field(default_factory=list)
    params: list[Mapping[str, Any]] = field(default_factory=list)

    async def ask(self, method: str, url: str, **said: Unpack[Said]) -> ServiceAnswer:
        self.headers.append(said["headers"])
        self.params.append(said["params"])
        if not self.status:
            raise Unanswered
        return ServiceAnswer(self.status, _written(self.body), set_cookies=self.set_cookies)


def _written(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


async def test_token_address_and_trace_are_passed_on_and_of_the_cookies_only_identitys() -> None:
    services = Answering()
    cookie = f"session={SESSION}; region=RU-STA; browser={BROWSER}"
    person = asking(x_access_token="t", x_client_address="1.2.3.4", traceparent="00-1", cookie=cookie)
    await ServiceClient(services, "http://cards", person).call("GET", "/api/cards")
    (headers,) = services.headers
    assert (headers["x-access-token"], headers[CLIENT_ADDRESS], headers["traceparent"]) == ("t", "1.2.3.4", "00-1")
    assert headers["cookie"] == f"session={SESSION}; browser={BROWSER}"
    assert headers["x-request-id"]


def test_over_tls_only_the_cookies_bound_to_this_host_are_passed_on() -> None:
    cookie = f"session={SESSION}; __Host-session={BROWSER}"
    assert asking(secure=True, cookie=cookie).cookies == {"__Host-session": BROWSER}
    assert asking(secure=False, cookie=cookie).cookies == {"session": SESSION}


@pytest.mark.parametrize(
    "value", ["", "short", "a" * 129, f'"{SESSION}\\073 browser=x"', f"{SESSION}\\", f"{SESSION}=", f"{SESSION}ё"]
)
def test_a_cookie_that_could_smuggle_another_is_left_out(value: str) -> None:
    assert asking(cookie=f"browser={BROWSER}; session={value}").cookies == {"browser": BROWSER}


async def test_one_persons_cookies_never_go_out_with_anothers_request() -> None:
    services = Answering(set_cookies=["session=alice; Path=/"])
    await ServiceClient(services, "http://identity", asking()).call("POST", "/api/identity/sessions")
    await ServiceClient(services, "http://identity", asking()).call("GET", "/api/identity/session")
    assert "alice" not in str(services.headers)


async def test_a_cookie_set_by_an_answer_is_there_for_the_next_question_of_the_same_request() -> None:
    services = Answering(set_cookies=["browser=new; HttpOnly; Path=/"])
    identity = ServiceClient(services, "http://identity", asking())
    await identity.call("POST", "/api/identity/attempts")
    await identity.call("POST", "/api/identity/attempts/1/authorization")
    assert services.headers[1]["cookie"] == "browser=new"
    assert identity.cookies[0] == "browser=new; HttpOnly; Path=/"


async def test_a_services_problem_is_raised_as_it_is() -> None:
    with pytest.raises(Problem) as raised:
        await ServiceClient(Answering(409, PROBLEM), "http://cards", asking()).call("PUT", "/api/cards/1")
    assert (raised.value.status, raised.value.code) == (409, "card-changed")
    assert raised.value.errors == {"snils": "Проверьте СНИЛС"}


@pytest.mark.parametrize("services", [Answering(status=0), Answering(500, b"<html>")], ids=["silent", "broken"])
async def test_a_service_that_is_silent_or_broken_is_unavailable(services: Answering) -> None:
    with pytest.raises(Problem) as raised:
        await ServiceClient(services, "http://cards", asking()).call("GET", "/api/cards")
    assert (raised.value.status, raised.value.code) == (503, "unavailable")


async def test_parameters_that_are_null_are_left_out() -> None:
    services = Answering()
    client = ServiceClient(services, "http://cards", asking())
    await client.call("GET", "/api/cards", params={"card_id": None, "account_version": 2})
    assert services.params == [{"account_version": 2}]
