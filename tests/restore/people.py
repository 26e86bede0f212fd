"""Two people before and after the dump: what they did last is what has to stand when the night is over."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from deploy.local.stack import Stack
from tests.api.caller import CARDS, SESSION, SESSIONS, SIGN_INS, Caller
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen

BEFORE, LATER, ANEW = "Before11", "Later222", "Anew3333"
SON, DAUGHTER = "112-233-445 95", "134-940-005 39"
CHILD = {
    "relation": "child",
    "family_name": "Снегирёва",
    "given_name": "Ая",
    "birth_date": "07.06.2019",
    "gender": "female",
}


@dataclass(slots=True)
class Holder:
    """Somebody with a browser, and what is known of their account."""

    person: Citizen
    browser: Caller
    account_id: str = ""

    async def come_in(self, purpose: str = "registration") -> None:
        """Through Gosuslugi; an account that was there has to be found again."""
        completed = await self.browser.come_in(self.person, purpose)
        assert self.account_id in ("", completed["account_id"])
        self.account_id = completed["account_id"]
        await self.browser.own_card(completed["version"])

    async def add_card(self, snils: str) -> dict[str, Any]:
        """A child's card with this number, once it is shown."""
        added = await self.browser.ask("POST", CARDS, {**CHILD, "snils": snils, "request_id": str(uuid4())})
        await self.browser.card(f"{CARDS}/{added['card_id']}", added["version"])
        card: dict[str, Any] = added
        return card

    async def number_is_taken(self, snils: str) -> bool:
        """Whether a further card with this number is refused."""
        answer = await self.browser.call("POST", CARDS, {**CHILD, "snils": snils, "request_id": str(uuid4())})
        return answer.status_code == 409

    async def opens_with(self, stack: Stack, password: str) -> bool:
        """Whether login and password open a session, in another browser."""
        async with Caller(stack) as elsewhere:
            tried = await elsewhere.call("POST", SIGN_INS, {"login": self.person.login, "password": password})
            if not tried.is_success:
                return False
            return (await elsewhere.call("POST", SESSIONS, {"grant": tried.json()["grant"]})).is_success

    async def is_signed_in(self) -> bool:
        """Whether the browser's session holds."""
        return (await self.browser.call("GET", SESSION)).is_success


@dataclass(slots=True)
class Town:
    """Everybody, and the card that was removed after the dump."""

    old: Holder
    new: Holder
    removed: str = ""

    @classmethod
    async def before_the_dump(cls, stack: Stack) -> "Town":
        """One has an account, a password and a child's card; the other is not there yet."""
        town = cls(Holder(newcomer(stack), Caller(stack)), Holder(newcomer(stack), Caller(stack)))
        await town.old.come_in()
        await town.old.browser.set_password(BEFORE)
        town.removed = str((await town.old.add_card(SON))["card_id"])
        return town

    async def after_the_dump(self) -> None:
        """A password changes, a card goes and its number moves to another one, somebody registers."""
        await self.old.browser.set_password(LATER, current_password=BEFORE)
        removed = await self.old.browser.ask("DELETE", f"{CARDS}/{self.removed}", params={"expected_version": 1})
        assert removed["version"] == 2
        await self.old.add_card(SON)
        await self.new.come_in()
        await self.new.browser.set_password(LATER)
        await self.new.add_card(DAUGHTER)
        await asyncio.sleep(1)  # the reaction to the last password is published, too

    async def leave(self) -> None:
        """Close both browsers."""
        for holder in (self.old, self.new):
            await holder.browser.http.aclose()
