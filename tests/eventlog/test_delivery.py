"""From Kafka to the views and to reactions: once, in order, and what cannot be read is parked alone."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import pytest
from aiokafka import AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, BulkWriteError, ExecutionTimeout, WTimeoutError

from eventlog.delivery import Delivery, passes_by_itself
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background
from eventlog.projector import Projector, Section
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from eventlog.supervisor import Looks, supervise
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import event, number_of, until
from tests.eventlog.records import Record, envelopes_of, project, records_of
from tests.servers import RealServers


async def test_any_order_and_any_duplicates_give_the_same_view(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    envelopes = await envelopes_of(store, "stream", [1, 2, 3])
    for order in permutations([*envelopes, envelopes[1]]):
        await database["views"].drop()
        for envelope in order:
            await Projector(database, project).apply([envelope])
        assert await database["views"].find_one() == {
            "_id": "stream",
            "part": {"number": 3, "text": "$not.a.formula", "version": 3},
        }
    assert await database["rows"].count_documents({}) == 3


async def test_what_one_event_says_of_two_sections_of_a_document_is_never_seen_half_done(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    def in_two_sections(envelope: Envelope[Event]) -> list[Section]:
        said = {"number": number_of(envelope)}
        return [Section("views", "one", name, envelope.version, said) for name in ("left", "right")]

    async with await database["views"].watch(full_document="updateLookup") as changes:
        await Projector(database, in_two_sections).apply(await envelopes_of(store, "stream", [1]))
        seen = await changes.next()
        assert {"left", "right"} <= seen["fullDocument"].keys()
        assert await changes.try_next() is None


async def test_an_unreadable_record_is_parked_and_its_neighbours_are_applied(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    good = records_of(await envelopes_of(store, "good", [1, 2]))
    poison = Record(b"bad", b"{", [("ce_type", None)], offset=7)
    behind = replace(records_of(await envelopes_of(store, "bad", [1]))[0], offset=8)
    delivery = Delivery(Parking(database, "group"), Projector(database, project).apply)
    for _ in range(2):
        await delivery.deliver([good[0], poison, behind, good[1]])
    parked = await database["parked"].find().sort("offset").to_list()
    assert [(p["offset"], p["value"], p["reason"]) for p in parked] == [
        (7, b"{", "ce_type: is null"),
        (8, behind.value, "behind a parked event"),
    ]
    assert [view["_id"] async for view in database["views"].find()] == ["good"]


async def test_a_fold_that_fails_is_tried_again_and_then_parked_alone(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.01, 0.01))
    records = records_of(await envelopes_of(store, "bad", [1, 13, 3]))
    records += [replace(record, offset=9) for record in records_of(await envelopes_of(store, "good", [5]))]
    await Delivery(Parking(database, "group"), Projector(database, project).apply).deliver(records)
    views = {view["_id"]: view["part"]["number"] async for view in database["views"].find()}
    assert views == {"bad": 1, "good": 5}
    assert [p["reason"] async for p in database["parked"].find().sort("offset")] == [
        "ValueError",
        "behind a parked event",
    ]


async def test_what_came_before_an_unreadable_record_is_applied_even_after_a_crash(
    store: EventStore, database: AsyncDatabase[Document]
) -> None:
    good = records_of(await envelopes_of(store, "stream", [1]))[0]
    poison = Record(b"stream", b"{", [], offset=1)
    await Parking(database, "group").park(poison, "parked just before the crash")
    await Delivery(Parking(database, "group"), Projector(database, project).apply).deliver([good, poison])
    assert await database["views"].count_documents({}) == 1
    assert [p["offset"] async for p in database["parked"].find()] == [1]


async def test_a_database_that_is_too_slow_parks_nothing(
    store: EventStore, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.01,))
    slow = iter([ExecutionTimeout("too slow"), WTimeoutError("too slow"), AutoReconnect("away")])

    async def apply(envelopes: Iterable[Envelope[Event]]) -> None:
        for error in slow:
            raise error
        await Projector(database, project).apply(envelopes)

    await Delivery(Parking(database, "group"), apply).deliver(records_of(await envelopes_of(store, "s", [1])))
    assert await database["views"].count_documents({}) == 1
    assert await database["parked"].count_documents({}) == 0


@pytest.mark.parametrize(("code", "passes"), [(14031, True), (112, True), (13, True), (11000, False), (2, False)])
def test_of_a_bulk_that_fails_the_reason_of_each_write_counts(code: int, passes: bool) -> None:
    error = BulkWriteError({"writeErrors": [{"index": 0, "code": code, "errmsg": "why"}]})
    assert passes_by_itself(error) is passes


async def test_a_record_too_large_for_the_parking_is_parked_without_its_bytes(
    database: AsyncDatabase[Document],
) -> None:
    huge = Record(b"stream", b"{" * (17 << 20), [("ce_type", b"x" * 100)], offset=7)
    await Delivery(Parking(database, "group"), Projector(database, project).apply).deliver([huge])
    (parked,) = await database["parked"].find().to_list()
    assert (parked["offset"], parked["value"], parked["headers"]) == (7, None, [])
    assert parked["reason"].endswith("(too large to be kept)")


@pytest.fixture
def reactor(store: EventStore) -> Reactor:
    """Answers every event with one of its own on the stream `answers`."""

    async def react(envelope: Envelope[Event]) -> Reaction:
        return Reaction("answers", len(await store.read("answers")), [event(number_of(envelope))])

    return Reactor(store, "answering", react)


async def test_a_reaction_happens_once_and_in_version_order_whatever_the_order_of_arrival(
    store: EventStore, reactor: Reactor
) -> None:
    one, two, three = await envelopes_of(store, "questions", [1, 2, 3])
    for envelope in (three, two, two, one, three, one):
        await reactor.apply([envelope])
    assert [number_of(answer) for answer in await store.read("answers")] == [1, 2, 3]
    assert await store.database["reactor_waiting"].count_documents({}) == 0


async def test_an_event_that_waits_is_not_forgotten_when_a_crash_comes_after_its_predecessor(
    store: EventStore, reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await envelopes_of(store, "questions", [1, 2])
    await reactor.apply([two])

    async def crash(*_: object) -> None:
        raise AutoReconnect("the process dies here")

    with monkeypatch.context() as crashing:
        crashing.setattr(reactor, "_react_to_waiting", crash)
        with pytest.raises(AutoReconnect):
            await reactor.apply([one])
    await reactor.apply([one])
    assert [number_of(answer) for answer in await store.read("answers")] == [1, 2]


async def test_two_members_reacting_to_one_event_react_once(store: EventStore, reactor: Reactor) -> None:
    envelopes = await envelopes_of(store, "questions", [1, 2])
    await asyncio.gather(*(reactor.apply(envelopes) for _ in range(5)))
    assert [number_of(answer) for answer in await store.read("answers")] == [1, 2]


async def test_what_stands_in_the_topic_reaches_the_view_and_is_committed(
    store: EventStore, database: AsyncDatabase[Document], topic: Topic, servers: RealServers
) -> None:
    records = records_of(await envelopes_of(store, "stream", [1, 2, 3]))
    records.insert(1, Record(b"poison", b"{", [("reply_to", None)]))
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        for record in records:
            await producer.send_and_wait(topic.name, record.value, key=record.key, headers=list(record.headers))

    async def applied(count: int) -> bool:
        return await database["rows"].count_documents({}) == count

    for _ in range(2):  # the second one finds the offsets committed and nothing to do
        delivery = Delivery(Parking(database, "view"), Projector(database, project).apply)
        listener = Listener(servers.kafka, f"view.{topic.name}", [topic], delivery)
        async with background(supervise(listener, Looks())):
            await until(lambda: applied(3))
            await asyncio.sleep(0.5)
    assert await database["parked"].count_documents({}) == 1
