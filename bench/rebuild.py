"""Measures a rebuild: a view made anew from the beginning of its topic, ours beside MongoDB's sink connector.

.venv/bin/python -m bench.rebuild [--rounds 5] [--events 1000000] [--each 4 40]
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pymongo.asynchronous.collection import AsyncCollection

from bench.cards import records
from bench.contenders.task import Runner, Task
from bench.ground import DATABASE, Ground, ground
from bench.processor import Spending, processor_seconds
from bench.race import CONNECTOR, MEMBERS, Ends, digest, until_there
from bench.rounds import Measured, Target, interleave, ratio
from bench.topic import create, fill, topic_called
from deploy.local.processes import stop_together
from eventlog.listener import FOLDED_AT_ONCE
from eventlog.process import wait_until
from eventlog.projector import BATCHES_AT_ONCE
from eventlog.store import Document

EACH = (4, 40)
FIRST_SECONDS = 60.0
SAMPLE_SECONDS = 0.5
EXPLAINED = """\
One topic, filled once: {events:,} events, {each} of each card, shuffled at random, which is the worst for folding: in
life the events of a card come together. Each contender reads its 6 partitions from the beginning with a consumer group
of its own into an empty collection: two processes of ours, as the replicas of a service share a rebuild, and the
connector with two tasks. The clock runs from the first card in MongoDB until the last one is there as its last event
states it; what ours can have folded before its first write is not counted. All end with the same cards, by SHA-256.
"""
SPENT = """\
Processor time in the rebuild above, for each event. Both leave the two cores hardly idle, so this is what bounds them:
MongoDB's part falls with every event that folds into another's write, ours is what it takes to fetch, validate and
project an event in Python.
"""
MEMORY = """\
The resident sets of ours together during the rebuild above: when a fifth of the run was over, and the highest from then
on.
"""
EARLY, LATE = "after a fifth", "highest afterwards"


class Rebuild:
    """One full topic, and who reads it."""

    def __init__(self, ground: Ground, events: int, each: int) -> None:
        self._ground = ground
        self._events = events
        self._each = each
        self._topic = topic_called(f"cards.events.rebuild{each}")
        self._contenders = {contender.name: contender for contender in (MEMBERS, CONNECTOR)}
        self._digests: set[str] = set()
        self._runs = 0
        self.megabytes: dict[str, list[float]] = {EARLY: [], LATE: []}
        self.spending = Spending(1e-6)

    async def fill(self) -> None:
        """Fill the topic."""
        await create(self._ground.bootstrap_servers, self._topic)
        print(f"filling a topic with {self._events:,} events")
        cards = self._events // self._each
        self._ends = Ends.of(record for record in records(cards, self._each) if record.last)
        await fill(self._ground.bootstrap_servers, self._topic, records(cards, self._each))

    async def run(self, name: str) -> float:
        """Let the contender of this name read it; returns events per second."""
        self._runs += 1
        contender, collection = self._contenders[name], f"rebuilt{self._each}.{self._runs}"
        task = Task(self._ground.bootstrap_servers, self._ground.mongodb_uri, DATABASE, self._topic.name, collection)
        cards = await self._ground.view(collection)
        runners = contender.start(self._ground, task)
        try:
            if not await wait_until(lambda: _has_begun(cards), FIRST_SECONDS):
                raise SystemExit(f"{name} has written nothing; {runners[0].last_lines()}")
            started, before = time.perf_counter(), processor_seconds()
            async with sampled(runners) as megabytes:
                await until_there(cards, contender, self._ends, runners)
            seconds = time.perf_counter() - started
            self.spending.note(name, before, self._events)
            self._digests.add(await digest(cards, contender))
        finally:
            stop_together(runners, seconds=8)
            await cards.drop()
        if len(self._digests) > 1:
            raise SystemExit(f"{name} did not end with the same documents as those before")
        if contender is MEMBERS:
            fifth = len(megabytes) // 5
            self.megabytes[EARLY].append(max(megabytes[: fifth + 1]))
            self.megabytes[LATE].append(max(megabytes[fifth:]))
        in_hand = contender.members * BATCHES_AT_ONCE * FOLDED_AT_ONCE if contender is MEMBERS else 0
        return (self._events - in_hand) / seconds


async def _has_begun(cards: AsyncCollection[Document]) -> bool:
    return await cards.estimated_document_count() > 0


@asynccontextmanager
async def sampled(runners: Sequence[Runner]) -> AsyncIterator[list[float]]:
    """The resident megabytes of the processes together, again and again while the body runs."""

    def resident() -> float:
        return sum(runner.resident_megabytes() for runner in runners)

    megabytes = [resident()]

    async def sample() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            megabytes.append(resident())

    sampling = asyncio.create_task(sample())
    try:
        yield megabytes
    finally:
        sampling.cancel()


async def run(rounds: int, events: int, each: int) -> None:
    async with ground() as place:
        rebuild = Rebuild(place, events, each)
        await rebuild.fill()
        values = await interleave([MEMBERS.name, CONNECTOR.name], rounds, rebuild.run)
    what, title = f"rebuild, {each} events of each card", f"Rebuild of {events:,} events, {each} of each card"
    ours = ratio(values, MEMBERS.name, CONNECTOR.name)
    Measured(
        name=f"rebuild_{each}",
        title=title,
        explained=EXPLAINED.format(events=events, each=each),
        unit="events per second",
        values=values,
        targets=[Target(f"{what} ÷ MongoDB's sink connector", ours, 3)],
    ).save()
    Measured(
        f"rebuild_{each}_spent", f"{title}: where the time goes", SPENT, "µs", rebuild.spending.values(), []
    ).save()
    grown = ratio(rebuild.megabytes, LATE, EARLY)
    target = Target(
        f"memory over {events:,} events, {each} of each card: highest ÷ after warm-up", grown, 1.05, at_most=True
    )
    Measured(f"memory_{each}", f"{title}: memory", MEMORY, "megabytes", rebuild.megabytes, [target]).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--each", type=int, nargs="+", default=EACH)
    chosen = options.parse_args()
    for each in chosen.each:
        asyncio.run(run(chosen.rounds, chosen.events, each))


if __name__ == "__main__":
    main()
