"""The log on a real MongoDB: one append is all or nothing, and of many writers one wins."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.lease import Lease
from eventlog.reservations import AlreadyReserved, Reservation
from eventlog.store import ConcurrencyConflict, EventStore
from tests.eventlog.conftest import ORIGIN, event, number_of


async def test_what_was_appended_is_read_back_in_order(store: EventStore) -> None:
    appended = await store.append("stream", [event(1), event(2)], expected_version=0, origin=ORIGIN)
    appended += await store.append("stream", [event(3)], expected_version=2, origin=ORIGIN)
    assert await store.read("stream") == appended
    assert [envelope.version for envelope in appended] == [1, 2, 3]


async def test_of_a_hundred_writers_with_one_expected_version_one_wins(store: EventStore) -> None:
    async def write(number: int) -> bool:
        try:
            await store.append("stream", [event(number), event(number)], expected_version=0, origin=ORIGIN)
        except ConcurrencyConflict:
            return False
        return True

    won = await asyncio.gather(*(write(number) for number in range(100)))
    assert sum(won) == 1
    assert [number_of(envelope) for envelope in await store.read("stream")] == [won.index(True)] * 2


async def test_what_is_reserved_for_one_stream_is_refused_to_another(store: EventStore) -> None:
    oid = Reservation("esia_oid", "digest")
    await store.append("first", [event(1)], expected_version=0, origin=ORIGIN, reserve=[oid])
    with pytest.raises(AlreadyReserved):
        await store.append("second", [event(1)], expected_version=0, origin=ORIGIN, reserve=[oid])
    assert await store.read("second") == []
    assert await store.reservations.holder_of(oid) == "first"


async def test_reserving_again_for_the_same_stream_changes_nothing(store: EventStore) -> None:
    oid = Reservation("esia_oid", "digest")
    await store.append("first", [event(1)], expected_version=0, origin=ORIGIN, reserve=[oid])
    await store.append("first", [event(2)], expected_version=1, origin=ORIGIN, reserve=[oid])
    assert len(await store.read("first")) == 2


async def test_what_is_released_can_be_reserved_by_another_and_only_its_holder_releases_it(store: EventStore) -> None:
    number = Reservation("number", "digest")
    await store.append("first", [event(1)], expected_version=0, origin=ORIGIN, reserve=[number])
    await store.append("second", [event(1)], expected_version=0, origin=ORIGIN, release=[number])
    assert await store.reservations.holder_of(number) == "first"
    await store.append("first", [event(2)], expected_version=1, origin=ORIGIN, release=[number])
    await store.append("second", [event(2)], expected_version=1, origin=ORIGIN, reserve=[number])
    assert await store.reservations.holder_of(number) == "second"


async def test_a_refused_append_releases_nothing(store: EventStore) -> None:
    number = Reservation("number", "digest")
    await store.append("first", [event(1)], expected_version=0, origin=ORIGIN, reserve=[number])
    with pytest.raises(ConcurrencyConflict):
        await store.append("first", [event(2)], expected_version=0, origin=ORIGIN, release=[number])
    assert await store.reservations.holder_of(number) == "first"


@pytest.mark.parametrize("other_version", [0, 1])
async def test_two_streams_change_together_or_not_at_all(store: EventStore, other_version: int) -> None:
    number = Reservation("number", "digest")
    await store.append("first", [event(1)], expected_version=0, origin=ORIGIN, reserve=[number])

    async def other(session: AsyncClientSession) -> None:
        await store.append_within(
            session, "second", [event(1)], expected_version=other_version, origin=ORIGIN, reserve=[number]
        )

    await store.append("second", [event(0)], expected_version=0, origin=ORIGIN)
    together = store.append("first", [event(2)], expected_version=1, origin=ORIGIN, release=[number], also=other)
    if other_version == 1:
        await together
    else:
        with pytest.raises(ConcurrencyConflict):
            await together
    lengths = [len(await store.read(stream)) for stream in ("first", "second")]
    holder = await store.reservations.holder_of(number)
    assert (lengths, holder) == (([2, 2], "second") if other_version == 1 else ([1, 1], "first"))


async def test_of_many_who_reserve_the_same_one_gets_it_and_the_others_append_nothing(store: EventStore) -> None:
    async def register(stream: str) -> bool:
        oid = Reservation("esia_oid", "digest")
        try:
            await store.append(stream, [event(1)], expected_version=0, origin=ORIGIN, reserve=[oid])
        except AlreadyReserved:
            return False
        return True

    assert sum(await asyncio.gather(*(register(f"stream-{number}") for number in range(20)))) == 1
    assert await store.events.count_documents({}) == 1


async def test_state_that_cannot_be_written_takes_the_events_with_it(store: EventStore) -> None:
    async def fails(session: AsyncClientSession) -> None:
        await store.database["state"].insert_one({"_id": "written"}, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.append("stream", [event(1)], expected_version=0, origin=ORIGIN, also=fails)
    assert await store.read("stream") == []
    assert await store.database["state"].count_documents({}) == 0


async def test_a_lease_has_one_holder_until_it_is_over_or_given_back(store: EventStore) -> None:
    first, second = (Lease(store.database, "work", seconds=60) for _ in range(2))
    assert await first.acquire()
    assert not await second.acquire()
    assert await first.acquire()
    over = datetime.now(UTC) - timedelta(hours=1)
    await store.database["leases"].update_one({"_id": "work"}, {"$set": {"until": over}})
    assert await second.acquire()
    assert not await first.acquire()
    await second.release()
    assert await first.acquire()


async def test_a_lease_until_a_time_that_cannot_be_is_over(store: EventStore) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)  # its holder is gone, and MongoDB's clock was set back
    await store.database["leases"].insert_one({"_id": "work", "owner": "gone", "until": ahead})
    assert await Lease(store.database, "work").acquire()
