"""The machine: schedules of the real relay, delivery, projector and fold over stand-ins with the real ones' faults.

Crashes between any two steps, answers that get lost, relays that are frozen and wake up late, batches that come twice
and out of order: the view never steps back, and in the end it is what the log says.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from typing import Any, cast

from aiokafka.errors import KafkaError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pymongo.errors import PyMongoError

from eventlog.delivery import Delivery
from eventlog.documents import document_of
from eventlog.projector import Projector
from eventlog.relay import Relay
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import Topic
from tests.faults.arrivals import stream_of
from tests.faults.ground import VIEWS, project, said_in
from tests.faults.memory import Crash, Fault, How, MemoryLease, MemoryLog, NothingToPark
from tests.faults.memory_topic import MemoryAgreement, MemoryProducer, MemoryTopic
from tests.faults.memory_view import MemoryView
from tests.faults.oracle import assert_in_order, canonical, fold_of

STREAMS = ("1.left", "1.right", "2.left", "3.right")
TOPIC = Topic("memory", "stream", "memory", (), ())
ALL = 1_000
steps = st.integers(1, 12)


class Machine(RuleBasedStateMachine):
    """One log, one topic, one view; lives of relays and of a projector that end well or ill."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.log: dict[str, list[Envelope[Event]]] = defaultdict(list)
        self.store, self.topic, self.view = MemoryLog(), MemoryTopic(), MemoryView()
        self.committed = [0 for _ in self.topic.partitions]
        self.seen: dict[tuple[str, str], int] = {}
        self.frozen: list[tuple[Fault, asyncio.Task[None]]] = []

    @initialize(counts=st.tuples(*(st.integers(1, 4) for _ in STREAMS)))
    def begin(self, counts: tuple[int, ...]) -> None:
        """Something is there already, and published."""
        for stream, count in zip(STREAMS, counts, strict=True):
            self.append(stream, count)
        self.relay(3)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 3))
    def append(self, stream: str, count: int) -> None:
        """Ids run backwards, as a bad clock makes them."""
        before = len(self.log[stream])
        numbers = range(100 + before, 100 + before + count)
        for envelope in stream_of(stream, range(100, numbers.stop))[before:]:
            self.log[stream].append(envelope)
            self.store.documents.append(document_of(envelope) | {"_id": f"{ALL - len(self.store.documents):04}"})

    @precondition(lambda self: self.is_behind())
    @rule(turns=st.integers(2, 4))
    def relay(self, turns: int) -> None:
        self._run(self._relay(turns, Fault()))

    @precondition(lambda self: self.is_behind())
    @rule(at=steps, how=st.sampled_from(["crash", "lose the answer"]))
    def relay_with_fault(self, at: int, how: How) -> None:
        self._run(self._relay(3, Fault(at, how)))

    @precondition(lambda self: self.is_behind() and len(self.frozen) < 2)
    @rule(at=steps)
    def relay_frozen(self, at: int) -> None:
        async def freeze() -> None:
            fault = Fault(at, "freeze")
            life = asyncio.create_task(self._relay(3, fault))
            frozen = asyncio.create_task(fault.frozen.wait())
            await asyncio.wait([life, frozen], return_when=asyncio.FIRST_COMPLETED)
            frozen.cancel()
            if not life.done():
                self.frozen.append((fault, life))

        self._run(freeze())

    @precondition(lambda self: self.frozen)
    @rule()
    def wake(self) -> None:
        async def wake() -> None:
            fault, life = self.frozen.pop(0)
            self.store.fault = fault  # not another life's, who is not there to be frozen or to crash
            fault.woken.set()
            await life

        self._run(wake())

    @rule(
        partition=st.integers(0, 1),
        back=st.integers(0, 8),
        count=st.integers(1, 12),
        random=st.randoms(use_true_random=False),
        fault=st.none() | st.tuples(steps, st.sampled_from(["crash", "lose the answer"])),
        is_committed=st.booleans(),
    )
    def deliver(self, partition: int, back: int, count: int, random: Random, fault: Any, is_committed: bool) -> None:
        """From a place `back` before the last commit, in any order; the commit may get lost."""
        first = max(0, self.committed[partition] - back)
        self.view.fault = Fault(*fault) if fault else Fault()
        if self._run(self._deliver(partition, first, count, random)) and is_committed:
            came_to = min(first + count, len(self.topic.partitions[partition]))
            self.committed[partition] = max(self.committed[partition], came_to)

    @invariant()
    def versions_only_rise_and_say_what_the_log_says(self) -> None:
        for id, document in self.view.documents[VIEWS].items():
            for side in document.keys() - {"_id", "document"}:
                version = document[side]["version"]
                assert version >= self.seen.get((id, side), 0)
                self.seen[id, side] = version
                assert document[side] == {**said_in(self.log[f"{id}.{side}"][version - 1]), "version": version}

    @invariant()
    def each_stream_is_published_in_order(self) -> None:
        published: dict[str, dict[int, None]] = defaultdict(dict)
        for record in (record for partition in self.topic.partitions for record in partition):
            published[(record.key or b"").decode()].setdefault(int(dict(record.headers)["ce_streamversion"] or 0))
        for versions in published.values():
            assert list(versions) == list(range(1, len(versions) + 1))

    def is_behind(self) -> bool:
        """Whether a relay has something to do."""
        return not all(document["published"] for document in self.store.documents)

    def teardown(self) -> None:
        """When all faults are over the view is what the log says."""
        try:
            self._run(self._relay(ALL, Fault(), until_all_is_published=True))
            while self.frozen:
                self.wake()
            records = [record for partition in self.topic.partitions for record in partition]
            assert_in_order({stream: envelopes for stream, envelopes in self.log.items() if envelopes}, records)
            self.view.fault = Fault()
            for number, committed in enumerate(self.committed):
                assert self._run(self._deliver(number, committed, ALL, Random(0)))
            view = {name: documents.values() for name, documents in self.view.documents.items() if documents}
            assert canonical(view) == canonical({name: d for name, d in fold_of(self.log).items() if d})
        finally:
            self.runner.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether it came to its end."""
        try:
            self.runner.run(work)
        except Crash:
            return False
        return True

    async def _relay(self, turns: int, fault: Fault, *, until_all_is_published: bool = False) -> None:
        """One life of a relay; what it fails with would begin another."""
        self.store.fault = fault
        relay = Relay(
            cast(Any, self.store),
            cast(Any, MemoryAgreement(TOPIC)),
            cast(Any, MemoryLease(turns)),
            lambda: cast(Any, self._producer(fault)),
        )
        with suppress(Crash, KafkaError, PyMongoError, asyncio.CancelledError):
            life = asyncio.create_task(relay.run())
            while until_all_is_published and self.is_behind():
                assert not life.done()
                await asyncio.sleep(0)
            if until_all_is_published:
                life.cancel()
            await life

    def _producer(self, fault: Fault) -> MemoryProducer:
        return MemoryProducer(self.topic, fault)

    async def _deliver(self, partition: int, first: int, count: int, random: Random) -> None:
        records = self.topic.partitions[partition][first : first + count]
        if records:
            random.shuffle(records)
            projector = Projector(cast(Any, self.view), project)
            await Delivery(cast(Any, NothingToPark()), projector.apply).deliver(records)
