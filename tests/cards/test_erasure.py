"""After thirty days the timer erases a removed card: on the real log, bus and views, and one process at a time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document, EventStore
from medonline_contracts.cards import (
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    holder_card_id,
)
from services.cards.commands import RestorePatientCard
from services.cards.erasure_timer import ErasureTimer
from services.cards.refusals import NotFound, RestorationOver
from tests.cards.asking import added, listed, problem, registered, seen
from tests.cards.erasing import A_MONTH_LATER, ORIGIN, REMOVED_AT, Cards
from tests.cards.people import ACCOUNT, CHILD_CARD, authenticated
from tests.cards.world import Holder, World
from tests.eventlog.conftest import until


async def test_a_card_is_erased_once_its_time_is_over_and_not_before(cards: Cards) -> None:
    await cards.remove_a_card()
    cards.clock.now = REMOVED_AT + timedelta(days=30)
    assert await cards.timers[0].erase_due() == 0
    cards.clock.now = A_MONTH_LATER
    assert await cards.timers[0].erase_due() == 1
    assert await cards.last_of() is PatientCardErased
    assert await cards.timers[0].erase_due() == 0
    with pytest.raises(NotFound):
        await cards.commands.carry_out(CHILD_CARD, RestorePatientCard(ACCOUNT), ORIGIN)


async def test_a_card_that_was_restored_is_not_erased(cards: Cards) -> None:
    await cards.remove_a_card()
    await cards.commands.carry_out(CHILD_CARD, RestorePatientCard(ACCOUNT), ORIGIN)
    cards.clock.now = A_MONTH_LATER
    assert await cards.timers[0].erase_due() == 0
    assert len(await cards.store.read(CHILD_CARD)) == 3


async def test_timers_that_look_at_once_erase_each_card_once(cards: Cards) -> None:
    ids = [str(uuid4()) for _ in range(20)]
    for card_id in ids:
        await cards.remove_a_card(card_id)
    cards.clock.now = A_MONTH_LATER
    await asyncio.gather(*(timer.erase_due() for timer in cards.timers))
    assert [len(await cards.store.read(card_id)) for card_id in ids] == [3] * 20
    assert {await cards.last_of(card_id) for card_id in ids} == {PatientCardErased}


async def test_a_restoration_at_the_last_moment_and_an_erasure_do_not_both_happen(
    cards: Cards, database: AsyncDatabase[Document]
) -> None:
    ids = [str(uuid4()) for _ in range(10)]
    for card_id in ids:
        await cards.remove_a_card(card_id)
    late = Cards(database)
    cards.clock.now, late.clock.now = REMOVED_AT + timedelta(days=30), A_MONTH_LATER
    restoring = (cards.commands.carry_out(card_id, RestorePatientCard(ACCOUNT), ORIGIN) for card_id in ids)
    *restored, _ = await asyncio.gather(*restoring, late.timers[0].erase_due(), return_exceptions=True)
    for card_id, version in zip(ids, restored, strict=True):
        assert await cards.last_of(card_id) is (PatientCardRestored if version == 3 else PatientCardErased)
        assert isinstance(version, int | NotFound | RestorationOver)
        assert len(await cards.store.read(card_id)) == 3
    assert await database["erasures"].count_documents({}) == 0


async def test_one_process_looks_while_the_other_waits_for_the_lease(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cards.erasure_timer.LOOK_SECONDS", 0.05)
    looked: list[ErasureTimer] = []

    def looking(timer: ErasureTimer) -> Callable[[], Any]:
        async def erase_due() -> int:
            looked.append(timer)
            return 0

        return erase_due

    async def all_have_turned() -> bool:
        return len(looked) > 10 and all(timer.last_turn > 0 for timer in cards.timers)

    for timer in cards.timers:
        monkeypatch.setattr(timer, "erase_due", looking(timer))
    lives = [asyncio.create_task(timer.run()) for timer in cards.timers]
    await until(all_have_turned)
    together = list(looked)  # while both lived: whoever ends gives the lease back
    for life in lives:
        life.cancel()
    await asyncio.wait(lives)
    assert len(set(map(id, together))) == 1


async def removed_a_month_ago(world: World, holder: Holder, card_id: str, version: int) -> None:
    """The card's removal as the log would hold it, and the timer's note of it."""
    long_ago = datetime.now(UTC) - timedelta(days=31)
    event = PatientCardRemoved(account_id=holder.account_id, removed_at=long_ago)
    store = EventStore(world.database, "cards")
    await store.append(card_id, [event], expected_version=version, origin=ORIGIN)
    due = {"_id": card_id, "account_id": holder.account_id, "due_at": long_ago + timedelta(days=30)}
    await world.database["erasures"].insert_one(due)


async def erased(world: World, card_id: str) -> None:
    there = {"_id": card_id, "removed.version": {"$ne": 3}}
    said = {"card_id": card_id, "change.said.given_name": "Анна-Мария"}
    async with asyncio.timeout(40):
        while await world.database["patient_cards"].find_one(there) or await world.database["card_history"].find_one(
            said
        ):
            await asyncio.sleep(0.1)


async def test_the_running_service_erases_a_relatives_card_and_it_is_gone_from_every_view(world: World) -> None:
    holder = await registered(world)
    card_id = await added(holder)
    await removed_a_month_ago(world, holder, card_id, 1)
    await erased(world, card_id)

    body = await listed(holder)
    assert (body["removed"], len(body["cards"])) == ([], 1)
    for answer in (
        await holder.http.get(f"/api/cards/{card_id}"),
        await holder.http.get(f"/api/cards/{card_id}/history"),
        await holder.http.post(f"/api/cards/{card_id}/restoration", json={}),
    ):
        assert problem(answer) == (404, "/problems/card-not-found")
    for view in ("patient_cards", "card_history"):
        left = await world.database[view].find({"account_id": holder.account_id}).to_list()
        assert "Анна-Мария" not in str(left)
    assert await world.database["erasures"].find_one({"_id": card_id}) is None


async def test_ones_own_erased_card_is_not_resurrected_by_signing_in_and_can_be_made_anew(world: World) -> None:
    holder = await registered(world)
    own = holder_card_id(holder.account_id)
    stated = await holder.http.put(f"/api/cards/{own}", json={"expected_version": 0, "phone": "9000000000"})
    await seen(holder, stated)
    await removed_a_month_ago(world, holder, own, 1)
    await erased(world, own)
    await world.publish(holder.account_id, 3, authenticated(holder.account_id))

    body = await listed(holder, account_version=3)
    gone = {"card_id": own, "relation": "self", "title": "", "removed_at": None, "restorable_until": None}
    assert (body["cards"], body["removed"]) == ([], [gone])
    address = f"/api/cards/{own}/restoration"
    assert problem(await holder.http.post(address, json={})) == (409, "/problems/restoration-over")
    (card,) = (await seen(holder, await holder.http.post(address, json={"anew": True})))["cards"]
    assert (card["version"], card["stated"]["phone"], card["confirmed"]["given_name"]) == (4, None, "Пётр")
