"""The portal's pages without a network: a browser of httpx before them, canned answers of the services behind them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from json import dumps, loads
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from chassis.token import HEADER, TokenVerifier
from deploy.local.services import REGIONS_FILE
from services.portal.clients.connections import Said, ServiceAnswer, Unanswered
from services.portal.clients.openapi import OpenApiDocuments
from services.portal.main import Config, build

ORIGIN = "http://localhost:8080"
PROFILE = {
    "version": 0,
    "complete": True,
    "family_name": "Фамилия",
    "given_name": "Имя",
    "phone": "+79000000000",
    "email": None,
    "password_set": False,
    "logins": {"phone": "login", "email": "absent", "snils": "absent"},
}


class PlainTokens(TokenVerifier):
    """A token is its claims in plain text: what a real one is, the services' own tests show."""

    async def verify(self, token: str, now: datetime) -> dict[str, object]:
        claims: dict[str, object] = loads(token)
        return {"sid": "s1", "auth_time": int(now.timestamp()), **claims}


@dataclass
class PortalInProcess:
    """`answers` by method and path; a service that has none to give is down.

    `asked` is what they were sent, `parameters` the query of each question.
    """

    app: FastAPI
    browser: httpx.AsyncClient
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    parameters: list[dict[str, str]] = field(default_factory=list)

    def answer(self, question: str, status: int, body: Any) -> None:
        """What `GET /api/cards` and the like is answered with from now on."""
        self.answers[question] = (status, body)

    def refuse(self, question: str, status: int, code: str, errors: dict[str, str] | None = None) -> None:
        """Answer with a problem."""
        listed = [{"field": name, "detail": detail} for name, detail in (errors or {}).items()]
        problem = {
            "type": f"/problems/{code}",
            "title": code,
            "status": status,
            "detail": f"({code})",
            "errors": listed,
        }
        self.answer(question, status, problem)

    def sign_in(self, account_id: str = "alice", *, amr: str = "esia", consent_due: bool = False) -> None:
        """From now on the gateway says that it is this person, who came in this way."""
        self.browser.headers[HEADER] = dumps({"sub": account_id, "amr": [amr], "consent_due": consent_due})
        self.answer("GET /api/settings/profile", 200, PROFILE)

    def sign_out(self) -> None:
        """From now on the gateway knows nobody."""
        del self.browser.headers[HEADER]

    async def form_at(self, path: str) -> dict[str, str]:
        """The hidden fields of the forms on a page."""
        page = await self.browser.get(path)
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))

    async def ask(self, method: str, url: str, **said: Unpack[Said]) -> ServiceAnswer:
        """In the services' place."""
        question = f"{method} {urlsplit(url).path}"
        self.asked.append((question, said.get("json")))
        self.parameters.append({name: str(value) for name, value in said.get("params", {}).items()})
        if question not in self.answers:
            raise Unanswered
        status, body = self.answers[question]
        return ServiceAnswer(status, dumps(body).encode())


def build_portal(secrets_dir: Path, origin: str = ORIGIN) -> FastAPI:
    """The portal as `main` wires it, but for tokens."""
    nowhere = "http://127.0.0.1:1"
    config = Config(
        http_port=0,
        portal_origin=origin,
        secrets_dir=secrets_dir,
        identity_url=nowhere,
        cards_url=nowhere,
        settings_url=nowhere,
        esia_url="http://127.0.0.1:8090",
        regions_file=REGIONS_FILE,
    )
    app = build(config)
    app.state.token_verifier = PlainTokens(nowhere)
    return app


@asynccontextmanager
async def opened(app: FastAPI, origin: str = ORIGIN) -> AsyncIterator[PortalInProcess]:
    """A new browser before the portal, and no service behind it that answers yet."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=origin) as browser:
        portal = PortalInProcess(app, browser)
        as_wired = app.state.portal
        openapi = OpenApiDocuments(lambda: app.state.portal.now())
        app.state.portal = replace(as_wired, connections=portal, openapi=openapi)
        try:
            yield portal
        finally:
            app.state.portal = as_wired
