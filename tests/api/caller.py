"""A caller: a person who uses the API behind the gateway by hand. Only Gosuslugi has pages here, not the portal."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from deploy.local.stack import Stack
from tests.journeys.steps import Citizen, code_sent_to, type_esia_password
from tests.journeys.visitor import Visitor

ATTEMPTS = "/api/identity/attempts"
SESSION = "/api/identity/session"
SESSIONS = "/api/identity/sessions"
SIGN_INS = "/api/settings/sign-ins"
PROFILE = "/api/settings/profile"
CARDS = "/api/cards"
REGION = "RU-STA"
REDIRECTS = 10
READS = 15


class Caller:
    """One person at one computer. A call answers whatever it answers; a step asserts that it went well."""

    def __init__(self, stack: Stack, address: str = "127.0.0.1") -> None:
        self._stack = stack
        self._visitor = Visitor(stack.portal_url, address)
        self.http = self._visitor.http
        self._account_version = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """One request to the portal's address; `body` goes as JSON."""
        url = urljoin(self._stack.portal_url, path)
        content = more if body is None else {"json": body, **more}
        return await self.http.request(method, url, follow_redirects=False, **content)

    async def ask(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The JSON of an answer that has to be a success."""
        answer = await self.call(method, path, body, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def begin(self, purpose: str = "sign_in") -> str:
        """An attempt of this browser, where registering with the consent of today: its id."""
        body: dict[str, object] = {"purpose": purpose, "region": REGION}
        if purpose == "registration":
            text = await self.ask("GET", "/api/identity/consents/current")
            body["consent"] = {name: text[name] for name in ("id", "version", "sha256")}
        return str((await self.ask("POST", ATTEMPTS, body))["attempt_id"])

    async def visit_esia(self, attempt_id: str, person: Citizen) -> dict[str, str]:
        """Through Gosuslugi's pages, or past them where its session lasts: with what it sends the browser back."""
        url = str((await self.ask("POST", f"{ATTEMPTS}/{attempt_id}/authorization"))["authorization_url"])
        answer = await self._leave_esia(await self.http.get(url, follow_redirects=False))
        if answer is None:
            await type_esia_password(self._visitor, person)
            self._visitor.fill("Код подтверждения", await code_sent_to(self._visitor, self._stack, person))
            confirmed = await self.http.send(self._visitor.request_of("Подтвердить"), follow_redirects=False)
            answer = await self._leave_esia(confirmed)
        assert answer, self._visitor.page.text
        return answer

    async def _leave_esia(self, answer: httpx.Response) -> dict[str, str] | None:
        for _ in range(REDIRECTS):
            if not answer.has_redirect_location:
                await self._visitor.open(str(answer.url))
                return None
            target = urljoin(str(answer.url), answer.headers["location"])
            if target.startswith(self._stack.portal_url):
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            answer = await self.http.get(target, follow_redirects=False)
        raise AssertionError("Gosuslugi sends round in circles")

    async def complete(self, attempt_id: str, answer: dict[str, str]) -> httpx.Response:
        """Hand in what Gosuslugi sent back."""
        body = {name: answer[name] for name in ("code", "error", "error_description") if name in answer}
        return await self.call("POST", f"{ATTEMPTS}/{attempt_id}/completion", body)

    async def come_in(self, person: Citizen, purpose: str = "registration") -> dict[str, Any]:
        """Register, or sign in, through Gosuslugi: what completing the attempt answers."""
        attempt_id = await self.begin(purpose)
        completed = await self.complete(attempt_id, await self.visit_esia(attempt_id, person))
        assert completed.status_code == 200, completed.text
        body: dict[str, Any] = completed.json()
        self._account_version = body["version"]
        return body

    async def own_card(self, account_version: int) -> dict[str, Any]:
        """The holder's own card as soon as Gosuslugi's word of that version has arrived."""
        own: dict[str, Any] = (await self.cards(account_version=account_version))["cards"][0]
        return own

    async def cards(self, **awaited: Any) -> dict[str, Any]:
        """The list as soon as it tells of what is awaited, and it has to come."""
        return await self._until_complete(CARDS, awaited)

    async def card(self, address: str, version: int) -> dict[str, Any]:
        """The card as soon as it is at this version, and it has to come."""
        return await self._until(lambda card: bool(card["version"] >= version), address, {"version": version})

    async def profile(self, **versions: int) -> dict[str, Any]:
        """The settings as far as these versions and Gosuslugi's word have come, and they have to come."""
        return await self._until_complete(PROFILE, {"account_version": self._account_version, **versions})

    async def save(self, shown: dict[str, Any], **changes: str) -> httpx.Response:
        """The settings as they were shown, with these changes, sent off."""
        fields = {name: shown[name] for name in ("family_name", "given_name", "phone", "email")}
        return await self.call("PUT", PROFILE, {**fields, "expected_version": shown["version"], **changes})

    async def set_password(self, password: str, **proof: str) -> int:
        """The new password's version, once the account's other sessions have ended."""
        saved = await self.save(await self.profile(), password=password, password_repeat=password, **proof)
        assert saved.status_code == 200, saved.text
        version = int(saved.json()["credential_version"])
        await self._until(lambda effect: bool(effect["applied"]), "/api/identity/password", {"version": version})
        await self.profile(version=saved.json()["version"])
        return version

    async def grant(self, login: str, password: str) -> str:
        """What settings gives for a right login and password."""
        return str((await self.ask("POST", SIGN_INS, {"login": login, "password": password}))["grant"])

    async def _until_complete(self, path: str, awaited: dict[str, Any]) -> dict[str, Any]:
        return await self._until(lambda shown: bool(shown["complete"]), path, awaited)

    async def _until(
        self, there: Callable[[dict[str, Any]], bool], path: str, awaited: dict[str, Any]
    ) -> dict[str, Any]:
        """What is read as soon as it is there; one read waits for two seconds, and a busy machine may take longer."""
        for _ in range(READS):
            answer = await self.call("GET", path, params=awaited)
            if answer.is_success and there(answer.json()):
                shown: dict[str, Any] = answer.json()
                return shown
        raise AssertionError(f"{path} stays behind {awaited}: {answer.status_code} {answer.text}")


@asynccontextmanager
async def signed_in(stack: Stack, person: Citizen, address: str = "127.0.0.1") -> AsyncIterator[Caller]:
    """Somebody registered and freshly signed in by Gosuslugi."""
    async with Caller(stack, address) as caller:
        await caller.come_in(person)
        yield caller


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that has to be a problem (RFC 9457) with words for people."""
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert any("а" <= letter <= "я" for letter in body["detail"].lower()), body
    return answer.status_code, str(body["type"]).removeprefix("/problems/")
