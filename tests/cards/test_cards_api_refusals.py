"""What the cards' HTTP door refuses: strangers, other accounts' cards, input that cannot stand."""

import asyncio
from uuid import uuid4

from medonline_contracts.cards import holder_card_id
from tests.cards.asking import CHILD, added, listed, problem, registered
from tests.cards.world import World


async def test_another_accounts_card_answers_as_if_it_did_not_exist(world: World) -> None:
    holder, other = await registered(world), await registered(world)
    card_id = await added(holder)

    async def answers(address: str) -> list[tuple[int, str, str]]:
        correction = {**CHILD, "expected_version": 1}
        tried = [
            await other.http.get(address),
            await other.http.get(f"{address}/history"),
            await other.http.put(address, json=correction),
            await other.http.delete(address, params={"expected_version": 1}),
            await other.http.post(f"{address}/restoration", json={}),
            await other.http.post(f"{address}/joining", json={"expected_version": 1}),
            await other.http.post(f"{address}/confirmed-value", json={"expected_version": 1, "field": "snils"}),
        ]
        return [(*problem(answer), answer.json()["detail"]) for answer in tried]

    assert await answers(f"/api/cards/{card_id}") == await answers(f"/api/cards/{uuid4()}")
    assert await answers(f"/api/cards/{holder_card_id(holder.account_id)}") == await answers(f"/api/cards/{uuid4()}")
    assert {status for status, *_ in await answers(f"/api/cards/{card_id}")} == {404}
    assert len((await listed(other))["cards"]) == 1


async def test_nobody_gets_in_without_a_token(world: World) -> None:
    async with world.stranger() as stranger:
        assert problem(await stranger.get("/api/cards")) == (401, "/problems/sign-in-required")
        stranger.headers["x-access-token"] = "forged"
        assert problem(await stranger.post("/api/cards", json=CHILD)) == (401, "/problems/sign-in-required")


async def test_what_cannot_stand_is_told_by_its_field_and_nothing_happens(world: World) -> None:
    holder = await registered(world)
    form = {**CHILD, "request_id": str(uuid4())}
    wrong = {"gender": "", "snils": "1", "identity_document": {"type": "RF_PASSPORT", "number": "1"}}

    unread = await holder.http.post("/api/cards", json={**form, **wrong})
    refused = await holder.http.post("/api/cards", json={**form, "birth_date": "01.01.2999"})
    assert problem(unread) == problem(refused) == (422, "/problems/invalid-input")
    fields = ["gender", "snils", "identity_document.series", "identity_document.number"]
    assert [error["field"] for error in unread.json()["errors"]] == fields
    assert [error["field"] for error in refused.json()["errors"]] == ["birth_date"]
    assert len((await listed(holder))["cards"]) == 1


async def test_the_service_is_ready_and_its_description_is_openapi(world: World) -> None:
    async with world.stranger() as stranger:
        async with asyncio.timeout(30):
            while (ready := await stranger.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.1)
        own = {"prepared": True, "stays": True}
        assert ready.json() == {**own, "mongodb": True, "relay": True, "listeners": True, "erasures": True}
        described = (await stranger.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert "/api/cards/{card_id}/restoration" in described["paths"]
