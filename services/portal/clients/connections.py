"""The portal's connections to the services: one pool for everybody's requests.

It asks no proxy of the environment and keeps no cookies, so that no person's ever go out with another's. aiohttp's:
a page asks several services, and httpx takes several times the processor time for it (decision 23).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Required, Self, TypedDict, Unpack

import aiohttp
from yarl import URL

MOST_OF_A_SERVICE = 100
IDLE_SECONDS = 3  # uvicorn ends an idle connection after five: a request on one that is just being ended would be lost


class Unanswered(Exception):
    """No whole answer came in time. It may have been acted on all the same."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service said, whatever the status; `headers` are found by any spelling, `set_cookies` are whole."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    set_cookies: Sequence[str] = ()

    @property
    def is_success(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The content, read as JSON. Raises ValueError."""
        return json.loads(self.content)


class Said(TypedDict, total=False):
    """What a question has beside its address; the answer is waited for so many seconds."""

    json: Any
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    seconds: Required[float]


class Asks(Protocol):
    """Whoever takes a question to a service, or answers it in a test."""

    async def ask(self, method: str, url: str, **said: Unpack[Said]) -> ServiceAnswer:
        """The answer, as it came within so many seconds. Raises `Unanswered`."""


class Connections:
    """To be entered by the process that uses them; no request goes out before.

    Each service has a limit of its own, so that one that hangs holds up no question to another. Where a connection that
    was kept open breaks, what is idempotent by HTTP (RFC 9110, 9.2.2) is asked once more.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=MOST_OF_A_SERVICE, keepalive_timeout=IDLE_SECONDS)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def ask(self, method: str, url: str, **said: Unpack[Said]) -> ServiceAnswer:
        """The answer, as it came within so many seconds. Raises `Unanswered`."""
        if self._session is None:
            raise Unanswered
        timeout, address = aiohttp.ClientTimeout(total=said["seconds"]), URL(url, encoded=True)  # as it is written
        try:
            async with self._session.request(
                method,
                address,
                json=said.get("json"),
                params=said.get("params"),
                headers=said.get("headers"),
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
                return ServiceAnswer(answer.status, content, answer.headers, answer.headers.getall("set-cookie", ()))
        except (aiohttp.ClientError, TimeoutError):
            raise Unanswered from None
