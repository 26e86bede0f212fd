"""Duplicates and any permutation, within and across batches: the same digest."""

from hashlib import sha256
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from eventlog.delivery import Delivery
from eventlog.parking import Parking
from eventlog.projector import Projector
from eventlog.reactor import Reactor
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from tests.faults.arrivals import arriving, stream_of
from tests.faults.ground import COUNTS, ROWS, VIEWS, Ground, answer_to, project, react_in, said_in
from tests.faults.oracle import canonical, fold_of, view_of

STREAMS = {stream: stream_of(stream, range(first, first + 5)) for stream, first in (("7.left", 20), ("7.right", 30))}
EVENTS = [envelope for stream in STREAMS.values() for envelope in stream]
on_real_servers = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@on_real_servers
@given(st.randoms(use_true_random=False), st.integers(0, 10), st.integers(1, 20))
async def test_any_order_with_any_duplicates_gives_the_same_digest(
    ground: Ground, client: AsyncMongoClient[Document], random: Random, doubled: int, at_once: int
) -> None:
    database = client[ground.name]
    for name in (VIEWS, ROWS):
        await database[name].delete_many({})
    records = arriving(shuffled(random, doubled))
    delivery = Delivery(Parking(database, ground.view_group), Projector(database, project).apply)
    for first in range(0, len(records), at_once):
        await delivery.deliver(records[first : first + at_once])
    assert sha256(await view_of(ground, client)).digest() == sha256(canonical(fold_of(STREAMS))).digest()


@settings(on_real_servers, max_examples=8)
@given(st.randoms(use_true_random=False), st.integers(0, 10))
async def test_any_order_with_any_duplicates_has_each_reaction_once_and_in_order(
    ground: Ground, client: AsyncMongoClient[Document], random: Random, doubled: int
) -> None:
    answers = ground.answers(client)
    for name in (COUNTS, "events", "reactor_places", "reactor_waiting"):
        await answers.database[name].delete_many({})
    reactor = Reactor(answers, "answering", react_in(answers))
    for envelope in shuffled(random, doubled):
        await reactor.apply([envelope])
    for stream, envelopes in STREAMS.items():
        answered = [said_in(answer) for answer in await answers.read(answer_to(stream))]
        assert answered == [said_in(envelope) for envelope in envelopes]
    assert [c["answers"] async for c in answers.database[COUNTS].find()] == [5, 5]
    assert await answers.database["reactor_waiting"].count_documents({}) == 0


def shuffled(random: Random, doubled: int) -> list[Envelope[Event]]:
    """All events, so many of them twice, in any order."""
    return random.sample(EVENTS + random.sample(EVENTS, doubled), len(EVENTS) + doubled)
