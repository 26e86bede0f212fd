"""How the tests ask the cards' HTTP door: a child's form, the list that tells of a change, a problem's code."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from tests.cards.people import authenticated
from tests.cards.world import Holder, World

CHILD = {
    "relation": "child",
    "family_name": "Ёлкина",
    "given_name": "Анна-Мария",
    "birth_date": "04.05.2019",
    "gender": "female",
}


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def listed(holder: Holder, **awaited: Any) -> dict[str, Any]:
    answer = await holder.http.get("/api/cards", params=awaited)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def complete_list(holder: Holder, **awaited: Any) -> dict[str, Any]:
    """The list that tells of what is awaited; on a busy machine that may take more than the two seconds of one call."""
    async with asyncio.timeout(30):
        while not (body := await listed(holder, **awaited))["complete"]:
            pass
    return body


async def seen(holder: Holder, changed: httpx.Response) -> dict[str, Any]:
    """The list that tells of this change."""
    assert changed.is_success, changed.text
    return await complete_list(holder, card_id=changed.json()["card_id"], card_version=changed.json()["version"])


async def registered(world: World, **person: object) -> Holder:
    """A new account whose card Gosuslugi has filled in."""
    holder = world.signed_in()
    await world.publish(holder.account_id, 2, authenticated(holder.account_id, **person))
    await complete_list(holder, account_version=2)
    return holder


async def added(holder: Holder, **changes: Any) -> str:
    """The id of a child's card, once it is in the list."""
    answer = await holder.http.post("/api/cards", json={**CHILD, "request_id": str(uuid4()), **changes})
    await seen(holder, answer)
    card_id: str = answer.json()["card_id"]
    return card_id
