"""What becomes of parked events: they go on where an operator says so, in order and with their effect once."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from eventlog.delivery import Delivery
from eventlog.parking import Order, Parking
from eventlog.projector import Projector, Write
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import PasswordChanged
from tests.eventlog.conftest import event, number_of
from tests.eventlog.records import Record, envelopes_of, project, records_of


class Parked:
    """A delivery whose fold fails for the number 13 until `mended`, with a stream of 1, 13, 3 delivered."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.database = database
        self.mended = False
        self.delivery = Delivery(Parking(database, "group"), Projector(database, self._project).apply)

    def _project(self, envelope: Envelope[Event]) -> Sequence[Write]:
        if self.mended:
            envelope = replace(envelope, event=event(number_of(envelope) + 100))
        return project(envelope)

    async def order(self, offset: int, order: Order) -> None:
        await self.database["parked"].update_one({"offset": offset}, {"$set": {"order": order}})
        assert await self.delivery.ordered() == {("topic", 0)}
        await self.delivery.obey("topic", 0, begun=False)

    async def reasons(self) -> list[str]:
        """Of what is still parked, in order."""
        found = self.database["parked"].find({"dropped_at": {"$exists": False}}).sort("offset")
        return [parked["reason"] async for parked in found]

    async def versions(self) -> list[str]:
        """The rows: which events took effect."""
        return sorted([row["_id"] async for row in self.database["rows"].find()])


@pytest.fixture
async def parked(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> tuple[Parked, list[Record]]:
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.01,))
    parked = Parked(database)
    records = records_of(await envelopes_of(store, "stream", [1, 13, 3]))
    await parked.delivery.deliver(records)
    assert await parked.reasons() == ["ValueError", "behind a parked event"]
    return parked, records


async def test_a_redriven_event_is_applied_and_all_that_waited_behind_it(parked: tuple[Parked, list[Record]]) -> None:
    it, records = parked
    it.mended = True
    await it.order(1, "redrive")
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:2", "stream:3"])
    await it.delivery.deliver(records)
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:2", "stream:3"])


async def test_a_redriven_event_that_still_fails_stays_parked_and_so_does_its_stream(
    parked: tuple[Parked, list[Record]],
) -> None:
    it, _ = parked
    await it.order(1, "redrive")
    assert (await it.reasons(), await it.versions()) == (["ValueError", "behind a parked event"], ["stream:1"])
    assert await it.delivery.ordered() == set()


async def test_behind_a_dropped_event_the_stream_goes_on_and_it_is_never_parked_again(
    parked: tuple[Parked, list[Record]],
) -> None:
    it, records = parked
    await it.order(1, "drop")
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:3"])
    await it.delivery.deliver(records)
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:3"])
    [dropped] = await it.database["parked"].find({"dropped_at": {"$exists": True}}).to_list()
    place = dropped["topic"], dropped["partition"], dropped["offset"], dropped["reason"]
    assert place == ("topic", 0, 1, "ValueError")
    assert (dropped["value"], dropped["headers"]) == (None, []), "nobody would erase them with the person"


async def test_a_crash_between_two_redriven_events_leaves_nobody_waiting_behind_nothing(
    parked: tuple[Parked, list[Record]],
) -> None:
    it, _ = parked
    await it.database["parked"].delete_one({"offset": 1})  # it had just been applied
    await it.delivery.obey("topic", 0, begun=True)
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:3"])


async def test_an_event_of_a_newer_version_waits_with_its_stream_for_the_code_that_knows_it(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    one, two = records_of(await envelopes_of(store, "stream", [1, 2]))
    other = replace(records_of(await envelopes_of(store, "other", [5]))[0], offset=2)
    known, newer = PasswordChanged.type_of(1), PasswordChanged.type_of(2)
    one.headers = [(name, newer.encode() if name == "ce_type" else value) for name, value in one.headers]
    it = Parked(database)
    await it.delivery.deliver([one, two, other])
    assert await it.reasons() == [f"{newer} is newer than this code", "behind a parked event"]
    assert await it.versions() == ["other:1"]

    await it.delivery.obey("topic", 0, begun=True)  # the same code, started again
    assert await it.reasons() == [f"{newer} is newer than this code", "behind a parked event"]

    headers = [[name, known.encode() if name == "ce_type" else value] for name, value in one.headers]
    await database["parked"].update_one({"offset": 0}, {"$set": {"headers": headers}})  # stands for newer code
    await it.delivery.obey("topic", 0, begun=False)
    assert len(await it.reasons()) == 2
    await it.delivery.obey("topic", 0, begun=True)
    assert (await it.reasons(), await it.versions()) == ([], ["other:1", "stream:1", "stream:2"])


@pytest.mark.parametrize("order_of_arrival", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
async def test_behind_a_dropped_event_a_reactor_goes_on(
    store: EventStore, database: AsyncDatabase[Document], order_of_arrival: list[int]
) -> None:
    async def react(envelope: Envelope[Event]) -> Reaction:
        return Reaction("answers", len(await store.read("answers")), [event(number_of(envelope))])

    reactor = Reactor(store, "answering", react)
    delivery = Delivery(Parking(database, "group"), reactor.apply, reactor.skip)
    records = records_of(await envelopes_of(store, "questions", [1, 2, 3]))
    records[1].value = b"{"
    for index in order_of_arrival:
        await delivery.deliver([replace(records[index], offset=order_of_arrival.index(index))])
    await database["parked"].update_many({"value": b"{"}, {"$set": {"order": "drop"}})
    await delivery.obey("topic", 0, begun=False)
    assert [number_of(answer) for answer in await store.read("answers")] == [1, 3]
    assert await database["reactor_waiting"].count_documents({}) == 0


async def test_an_event_that_came_early_and_fails_lets_its_stream_go_on_once_it_is_dropped(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.01,))

    async def react(envelope: Envelope[Event]) -> Reaction:
        if number_of(envelope) == 2:
            raise ValueError
        return Reaction("answers", len(await store.read("answers")), [event(number_of(envelope))])

    reactor = Reactor(store, "answering", react)
    delivery = Delivery(Parking(database, "group"), reactor.apply, reactor.skip)
    one, two, three = records_of(await envelopes_of(store, "questions", [1, 2, 3]))
    for offset, record in enumerate((two, one, three)):
        await delivery.deliver([replace(record, offset=offset)])
    assert [number_of(answer) for answer in await store.read("answers")] == [1]
    await database["parked"].update_one({"offset": 1}, {"$set": {"order": "drop"}})
    await delivery.obey("topic", 0, begun=False)
    await delivery.obey("topic", 0, begun=False)
    assert [number_of(answer) for answer in await store.read("answers")] == [1, 3]
    assert await database["reactor_waiting"].count_documents({}) == 0


async def test_a_long_stream_that_goes_on_lets_others_in_between(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.delivery.OBEY_SECONDS", 0)
    one, two, three = records_of(await envelopes_of(store, "stream", [1, 2, 3]))
    it = Parked(database)
    bad = replace(one, value=b"{")
    await it.delivery.deliver([bad, two, three])
    await database["parked"].update_one({"offset": 0}, {"$set": {"order": "redrive", "value": one.value}})
    assert not await it.delivery.obey("topic", 0, begun=False)
    monkeypatch.setattr("eventlog.delivery.OBEY_SECONDS", 5)
    assert await it.delivery.obey("topic", 0, begun=False)
    assert (await it.reasons(), await it.versions()) == ([], ["stream:1", "stream:2", "stream:3"])


async def test_where_the_parking_is_away_nothing_is_passed_over(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    parking = Parking(database, "group")
    away = iter([AutoReconnect("away"), AutoReconnect("away")])
    park = parking.park

    async def park_when_it_is_back(record: Record, reason: str, *, waits: bool = False) -> None:
        for error in away:
            raise error
        await park(record, reason, waits=waits)

    monkeypatch.setattr(parking, "park", park_when_it_is_back)
    good = records_of(await envelopes_of(store, "good", [1]))[0]
    await Delivery(parking, Projector(database, project).apply).deliver([Record(b"bad", b"{", [], offset=7), good])
    assert await database["parked"].count_documents({}) == 1
    assert await database["rows"].count_documents({}) == 1
