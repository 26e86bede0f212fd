"""The signing keys of identity and settings are changed while people go about their business: nobody notices."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import httpx
import jwt

from chassis.token import HEADER
from deploy.local.stack import Stack
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen, register, set_password, sign_in_by_password
from tests.journeys.test_operating import ops
from tests.journeys.visitor import Visitor
from tests.ops.conftest import YES

PASSWORD = "PlantedPassword88"
SIGNS_AFTER = 12  # seconds; services that look every half a second and keep keys for one know of it long before
PAGES = ("/cards", "/settings", "/api/cards")


@dataclass
class Noticed:
    """What became of every request."""

    answered: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str, *, well: bool) -> None:
        """One more; `well`: it was answered as on any day."""
        self.answered += 1
        if not well:
            self.wrong.append(what)

    async def until_more(self) -> None:
        """Return when a few more have been answered from beginning to end."""
        enough = self.answered + 4
        async with asyncio.timeout(30):
            while self.answered < enough:
                await asyncio.sleep(0.1)


async def goes_on(stack: Stack, visitor: Visitor, noticed: Noticed) -> None:
    """Look at one's pages again and again, in the session that there is."""
    while True:
        for path in PAGES:
            answer = await visitor.http.get(urljoin(stack.portal_url, path))
            noticed.note(f"{answer.status_code} {answer.url}", well=answer.is_success and answer.url.path == path)
        await asyncio.sleep(0.1)


async def keeps_coming(stack: Stack, person: Citizen, noticed: Noticed) -> None:
    """Sign in by password again and again, each time in a new browser."""
    while True:
        async with Visitor(stack.portal_url) as visitor:
            await sign_in_by_password(visitor, person.login, PASSWORD)
            noticed.note(f"signing in ended at {visitor.page.url}", well=person.full_name in visitor.page.text)
        await asyncio.sleep(0.3)


@asynccontextmanager
async def meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless work beside the body; what goes wrong in it is raised in the end."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in ended} == {asyncio.CancelledError}, ended


async def signed_by(stack: Stack, visitor: Visitor, person: Citizen) -> dict[str, str]:
    """The key that signs now, of identity's tokens and of settings' grants."""
    async with httpx.AsyncClient() as http:
        cookie = {"cookie": f"session={visitor.http.cookies['session']}"}
        asked = await http.get(f"http://127.0.0.1:{stack.ports.identity}/authz/required/cards", headers=cookie)
        login = {"login": person.login, "password": PASSWORD}
        granted = await http.post(f"http://127.0.0.1:{stack.ports.settings}/api/settings/sign-ins", json=login)
    signed = {"identity": asked.headers[HEADER], "settings": granted.json()["grant"]}
    return {service: str(jwt.get_unverified_header(token)["kid"]) for service, token in signed.items()}


async def published(stack: Stack) -> list[dict[str, Any]]:
    """What `ops keys list` names."""
    keys: list[dict[str, Any]] = (await ops(stack, "keys", "list", "--json")).json["keys"]
    return keys


async def test_both_keys_are_changed_and_nobody_is_signed_out_or_turned_away(portal: Stack) -> None:
    person, inside, coming = newcomer(portal), Noticed(), Noticed()
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        await set_password(visitor, PASSWORD)
        before = await signed_by(portal, visitor, person)
        async with meanwhile(goes_on(portal, visitor, inside), keeps_coming(portal, person, coming)):
            soon = ("--signs-after-seconds", str(SIGNS_AFTER), "--although-soon")
            rotated = await ops(portal, "keys", "rotate", *soon, *YES, "--json")
            assert rotated.exit == 0, rotated
            while len(known := await published(portal)) < 4:
                await asyncio.sleep(0.1)
            begin = {datetime.fromisoformat(key["signs_from"]) for key in known if key["kid"] not in before.values()}
            assert datetime.now(UTC) < min(begin), "they are published before they sign"
            await asyncio.sleep((max(begin) - datetime.now(UTC)).total_seconds() + 1)
            after = await signed_by(portal, visitor, person)
            for noticed in (inside, coming):
                await noticed.until_more()
    assert not set(before.values()) & set(after.values())
    assert inside.wrong + coming.wrong == []
