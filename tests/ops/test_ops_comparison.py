"""Two generations are compared by what their documents say, and late ones are waited for."""

import asyncio

import pytest

from eventlog.store import Document
from ops.comparison import compare
from tests.ops.conftest import World


async def test_the_order_of_fields_and_of_writing_makes_no_difference(world: World) -> None:
    cards = world.databases["cards"]
    documents: list[Document] = [{"_id": str(n), "part": {"a": n, "b": None}, "other": [1]} for n in range(5)]
    await cards["views"].insert_many(documents)
    await cards["views.g2"].insert_many(
        [{"_id": d["_id"], "other": [1], "part": {"b": None, "a": d["part"]["a"]}} for d in reversed(documents)]
    )
    [comparison] = await compare(cards, ["views"], 1, 2)
    assert (comparison.equal, comparison.documents, len(set(comparison.sums))) == (True, [5, 5], 1)


async def test_a_document_that_was_only_late_is_found_equal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.comparison.PAUSE_SECONDS", 0.2)
    cards = world.databases["cards"]
    await cards["views"].insert_many([{"_id": "a", "n": 2}, {"_id": "b", "n": 1}])
    await cards["views.g2"].insert_many([{"_id": "a", "n": 1}, {"_id": "c", "n": 1}])

    async def catch_up() -> None:
        await asyncio.sleep(0.1)
        await cards["views.g2"].update_one({"_id": "a"}, {"$set": {"n": 2}})

    late = asyncio.create_task(catch_up())
    [comparison] = await compare(cards, ["views"], 1, 2)
    await late
    assert set(comparison.different) == {"b", "c"}
    assert (comparison.documents, len(set(comparison.sums))) == ([2, 2], 2)
