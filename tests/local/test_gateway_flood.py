"""The gateway under a flood: what costs much is limited for each address and for all of them, and nothing else is."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from deploy.local.ports import Ports
from tests.local.gateways import gateway_in

pytestmark = pytest.mark.servers

AT_THE_NAME = {"host": "localhost"}  # whoever types the number is sent there
OF_ONE = 40  # requests of one address that are let through at once
ADDRESSES = 30


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    with gateway_in(tmp_path_factory.mktemp("gateway")) as ports:
        yield ports


def answers_to_a_flood(ports: Ports, method: str, path: str, address: str = "127.0.0.1", count: int = 300) -> str:
    """All that is answered to so many requests sent over one connection from a loopback address without waiting."""
    request = f"{method} {path} HTTP/1.1\r\nhost: localhost:{ports.gateway}\r\ncontent-length: 0\r\n"
    gateway = ("127.0.0.1", ports.gateway)
    with socket.create_connection(gateway, timeout=20, source_address=(address, 0)) as connection:
        connection.sendall(f"{request}\r\n".encode() * (count - 1) + f"{request}connection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sign-in/esia"),
        ("GET", "/registration/esia?attempt=1"),
        ("GET", "/registration"),
        ("GET", "/esia/callback?code=1"),
        ("POST", "/sign-in"),
        ("POST", "/sign-in?login=1"),
        ("POST", "//%73ign-in"),
    ],
)
def test_a_page_that_costs_much_says_that_it_is_too_much(ports: Ports, method: str, path: str) -> None:
    answers = answers_to_a_flood(ports, method, path).lower()
    assert "http/1.1 429" in answers
    assert "retry-after: 10\r\n" in answers
    assert "<h1>слишком много запросов</h1>" in answers
    assert "x-envoy" not in answers


@pytest.mark.parametrize(
    "path", ["/api/identity/attempts", "/api/identity/attempts/1/completion", "/api/settings/sign-ins"]
)
def test_an_api_that_costs_much_says_so_as_a_problem(ports: Ports, path: str) -> None:
    answers = answers_to_a_flood(ports, "POST", path)
    assert "HTTP/1.1 429" in answers
    assert "retry-after: 10\r\n" in answers
    assert '"type": "/problems/too-many-requests"' in answers
    assert "content-type: application/problem+json; charset=utf-8" in answers


@pytest.mark.parametrize("path", ["/registration", "/api/identity/attempts", "/sign-in", "/api/settings/sign-ins"])
def test_whoever_is_refused_takes_nothing_from_another_address(ports: Ports, path: str) -> None:
    assert "HTTP/1.1 429" in answers_to_a_flood(ports, "POST", path)
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=20) as elsewhere:
        answers = [elsewhere.post(f"http://127.0.0.1:{ports.gateway}{path}", headers=AT_THE_NAME) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {503}  # nobody is behind: it was let through


@pytest.mark.parametrize("path", ["/registration", "/sign-in"])
def test_many_addresses_that_keep_to_their_own_limit_are_limited_together(ports: Ports, path: str) -> None:
    with ThreadPoolExecutor(ADDRESSES) as pool:
        floods = [
            pool.submit(answers_to_a_flood, ports, "POST", path, f"127.0.1.{each}", OF_ONE)
            for each in range(1, ADDRESSES + 1)
        ]
        assert any("HTTP/1.1 429" in flood.result() for flood in floods)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("GET", "/sign-in"),
        ("POST", "/sign-ins"),
        ("POST", "/cards"),
        ("POST", "/registrations"),
        ("POST", "/api/identity/sessions"),
        ("GET", "/api/settings/sign-ins"),
    ],
)
def test_nothing_else_is_limited_by_it(ports: Ports, method: str, path: str) -> None:
    for costly in ("/sign-in/esia", "/sign-in"):
        answers_to_a_flood(ports, "POST", costly)
    assert "HTTP/1.1 429" not in answers_to_a_flood(ports, method, path)
