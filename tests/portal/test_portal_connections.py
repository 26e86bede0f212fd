"""Connections to the services as they are: whole answers, nobody's cookies, no proxy, and a word for silence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from deploy.local.ports import some_free
from services.portal.clients.connections import Connections, Unanswered
from tests.serving import served

SLOW_SECONDS = 5.0
MANY = 150


def service() -> FastAPI:
    """One that says what it was asked."""
    app = FastAPI()

    @app.api_route("/echo", methods=["GET", "POST"])
    async def echo(request: Request) -> Response:
        told = dict(request.headers) | {"query": request.url.query, "body": (await request.body()).decode()}
        answer = JSONResponse(told, 409)
        answer.set_cookie("session", "alice")
        answer.set_cookie("browser", "b")
        return answer

    @app.get("/elsewhere")
    async def elsewhere() -> Response:
        return RedirectResponse("/echo")

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(SLOW_SECONDS)

    return app


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with served(service()) as address:
        yield address


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    async with Connections() as opened:
        yield opened


async def test_a_question_arrives_whole_and_so_does_the_answer(url: str, connections: Connections) -> None:
    answer = await connections.ask(
        "POST", f"{url}/echo", json={"name": "Яна"}, params={"version": 2}, headers={"x-request-id": "r"}, seconds=5
    )
    assert (answer.status, answer.is_success) == (409, False)
    assert list(answer.set_cookies) == [f"{cookie}; Path=/; SameSite=lax" for cookie in ("session=alice", "browser=b")]
    heard = answer.json()
    assert (heard["query"], heard["x-request-id"]) == ("version=2", "r")
    assert heard["content-type"] == "application/json"
    assert heard["body"].encode().decode("unicode_escape") == '{"name": "Яна"}'


async def test_no_cookie_of_an_answer_goes_out_with_the_next_question(url: str, connections: Connections) -> None:
    by_name = f"http://localhost:{urlsplit(url).port}/echo"  # a jar that keeps cookies keeps none of a bare address
    assert (await connections.ask("GET", by_name, seconds=5)).set_cookies
    assert "cookie" not in (await connections.ask("GET", by_name, seconds=5)).json()


async def test_no_proxy_of_the_environment_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Connections() as connections:
        assert (await connections.ask("GET", f"{url}/echo", seconds=5)).status == 409


async def test_an_address_is_asked_for_as_it_is_written(url: str, connections: Connections) -> None:
    assert (await connections.ask("GET", f"{url}/nowhere/../echo", seconds=5)).status == 404
    assert (await connections.ask("GET", f"{url}/%2e%2e/echo", seconds=5)).status == 404


async def test_nobody_is_led_elsewhere_by_an_answer(url: str, connections: Connections) -> None:
    assert (await connections.ask("GET", f"{url}/elsewhere", seconds=5)).status == 307


async def test_who_does_not_answer_in_time_or_at_all_has_not_answered(url: str, connections: Connections) -> None:
    (closed,) = some_free(1)
    for address in (f"{url}/slow", f"http://127.0.0.1:{closed}/"):
        with pytest.raises(Unanswered):
            await connections.ask("GET", address, seconds=0.2)


async def test_a_service_that_hangs_holds_up_no_question_to_another(url: str, connections: Connections) -> None:
    async with asyncio.TaskGroup() as group:
        hanging = [group.create_task(connections.ask("GET", f"{url}/slow", seconds=30)) for _ in range(MANY)]
        await asyncio.sleep(0.1)
        async with served(service()) as another:
            assert (await connections.ask("GET", f"{another}/echo", seconds=2)).status == 409
        for each in hanging:
            each.cancel()


@pytest.mark.parametrize(("method", "times"), [("PUT", 2), ("POST", 1)])
async def test_where_a_kept_connection_breaks_only_what_may_come_twice_is_sent_again(method: str, times: int) -> None:
    arrived: list[str] = []

    async def once_and_no_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(4096):
            asked = head.decode().partition(" ")[0]
            arrived.append(asked)
            if asked != "GET" and arrived.count(asked) == 1:
                break
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(once_and_no_more, "127.0.0.1", 0)
    url = "http://{}:{}/".format(*server.sockets[0].getsockname())
    async with server, Connections() as connections:
        await connections.ask("GET", url, seconds=5)
        with nullcontext() if times > 1 else pytest.raises(Unanswered):
            await connections.ask(method, url, seconds=5)
    assert arrived.count(method) == times


async def test_nothing_is_asked_before_the_process_runs() -> None:
    with pytest.raises(Unanswered):
        await Connections().ask("GET", "http://127.0.0.1:1/", seconds=1)
