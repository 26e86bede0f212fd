"""What becomes of a view, and of those who read it, while it is written? It stands still, or it is taken away."""

import pytest
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, OperationFailure

from eventlog.projection import Projection, Views
from eventlog.projector import Projector, Section
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import number_of
from tests.traps.scene import envelope


async def numbers(collection: AsyncCollection[Document]) -> dict[str, int]:
    """By stream, what the view says."""
    return {view["_id"]: view["part"]["number"] async for view in collection.find()}


async def test_a_stale_event_stops_an_ordered_bulk_with_a_guard_in_its_filter_and_ours_passes_over_it(
    database: AsyncDatabase[Document],
) -> None:
    """The filter finds nothing, so the upsert inserts, under an id that is taken: what stands behind it is lost."""
    batch = [envelope(1, stream="stale"), envelope(2, stream="neighbour")]
    newer = envelope(9, stream="stale", version=2)

    def guarded(one: Envelope[Event]) -> UpdateOne:
        part = {"number": number_of(one), "version": one.version}
        older = {"_id": one.stream_id, "part.version": {"$lt": one.version}}
        return UpdateOne(older, {"$set": {"part": part}}, upsert=True)

    naive = database["naive"]
    await naive.bulk_write([guarded(newer)])
    with pytest.raises(BulkWriteError, match="E11000"):
        await naive.bulk_write([guarded(one) for one in batch])
    assert await numbers(naive) == {"stale": 9}

    ours = Projector(
        database, lambda one: [Section("ours", one.stream_id, "part", one.version, {"number": number_of(one)})]
    )
    await ours.apply([newer])
    await ours.apply(batch)
    assert await numbers(database["ours"]) == {"stale": 9, "neighbour": 2}


async def test_a_view_that_is_renamed_into_place_breaks_off_who_reads_it_and_ours_lets_them_finish(
    database: AsyncDatabase[Document],
) -> None:
    for name in ("naive", "naive.rebuilt", "ours", "ours.g2"):
        await database[name].insert_many([{"_id": number} for number in range(10)])

    reading = database["naive"].find(batch_size=2)
    await anext(reading)
    await database["naive.rebuilt"].rename("naive", dropTarget=True)
    with pytest.raises(OperationFailure):
        await reading.to_list()

    views = Views(database, Projection("ours", (), lambda _: (), {"ours": ()}))
    await views.prepare()
    reading = views["ours"].find(batch_size=2)
    await anext(reading)
    await database["projections"].update_one({"_id": "ours"}, {"$set": {"active": 2, "kept": [1, 2]}})
    await views.refresh()
    assert views["ours"].name == "ours.g2"
    assert len(await reading.to_list()) == 9
