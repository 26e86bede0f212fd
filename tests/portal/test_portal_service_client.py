"""What goes out to a service is the asking person's own, and whatever comes back is answered for."""

import httpx
import pytest
from fastapi import Request

from chassis.http import CLIENT_ADDRESS
from chassis.problem import Problem
from services.portal.clients.http import OnBehalf, ServiceClient, http_client

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


def answering(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> httpx.AsyncClient:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = http_client()
    client._transport = httpx.MockTransport(handle)
    return client


async def test_token_address_and_trace_are_passed_on_and_of_the_cookies_only_identitys() -> None:
    seen: list[httpx.Request] = []
    cookie = f"session={SESSION}; region=RU-STA; browser={BROWSER}"
    person = asking(x_access_token="t", x_client_address="1.2.3.4", traceparent="00-1", cookie=cookie)
    async with answering(httpx.Response(200, json={}), seen) as http:
        await ServiceClient(http, "http://cards", person).call("GET", "/api/cards")
    headers = seen[0].headers
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


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert not http_client()._mounts


async def test_one_persons_cookies_never_go_out_with_anothers_request() -> None:
    seen: list[httpx.Request] = []
    answer = httpx.Response(200, json={}, headers={"set-cookie": "session=alice; Path=/"})
    async with answering(answer, seen) as http:
        await ServiceClient(http, "http://identity", asking()).call("POST", "/api/identity/sessions")
        await ServiceClient(http, "http://identity", asking()).call("GET", "/api/identity/session")
        await http.get("http://identity/openapi.json")
    assert "alice" not in str([request.headers.raw for request in seen])


async def test_a_cookie_set_by_an_answer_is_there_for_the_next_question_of_the_same_request() -> None:
    seen: list[httpx.Request] = []
    answer = httpx.Response(200, json={}, headers={"set-cookie": "browser=new; HttpOnly; Path=/"})
    async with answering(answer, seen) as http:
        identity = ServiceClient(http, "http://identity", asking())
        await identity.call("POST", "/api/identity/attempts")
        await identity.call("POST", "/api/identity/attempts/1/authorization")
    assert seen[1].headers["cookie"] == "browser=new"
    assert identity.cookies[0] == "browser=new; HttpOnly; Path=/"


async def test_a_services_problem_is_raised_as_it_is() -> None:
    async with answering(httpx.Response(409, json=PROBLEM)) as http:
        with pytest.raises(Problem) as raised:
            await ServiceClient(http, "http://cards", asking()).call("PUT", "/api/cards/1")
    assert (raised.value.status, raised.value.code) == (409, "card-changed")
    assert raised.value.errors == {"snils": "Проверьте СНИЛС"}


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.Response(500, text="<html>")]
)
async def test_a_service_that_is_silent_or_broken_is_unavailable(answer: httpx.Response | Exception) -> None:
    async with answering(answer) as http:
        with pytest.raises(Problem) as raised:
            await ServiceClient(http, "http://cards", asking()).call("GET", "/api/cards")
    assert (raised.value.status, raised.value.code) == (503, "unavailable")


async def test_parameters_that_are_null_are_left_out() -> None:
    seen: list[httpx.Request] = []
    async with answering(httpx.Response(200, json={}), seen) as http:
        client = ServiceClient(http, "http://cards", asking())
        await client.call("GET", "/api/cards", params={"card_id": None, "account_version": 2})
    assert seen[0].url.query == b"account_version=2"
