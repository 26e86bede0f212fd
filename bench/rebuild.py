"""Measures a rebuild: a view made anew from the beginning of its topic, ours beside MongoDB's sink connector.

.venv/bin/python -m bench.rebuild [--rounds 5] [--events 1000000]
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.asynchronous.collection import AsyncCollection

from bench.cards import records
from bench.contenders.task import Runner, Task
from bench.ground import DATABASE, Ground, ground
from bench.race import CONNECTOR, OURS, Contender, Ends, digest, python, until_there
from bench.rounds import Measured, Target, interleave, ratio
from bench.topic import create, fill, topic_called
from deploy.local.processes import stop_together
from eventlog.process import wait_until
from eventlog.store import Document

EVENTS_EACH = 4
FIRST_SECONDS = 60.0
SAMPLE_SECONDS = 0.5
TWO = Contender("ours, two members", python("ours"), "stated", members=2)
EXPLAINED = """\
One topic, filled once: {events:,} events, four of each card, shuffled at random, 6 partitions. Each contender reads it
from the beginning with a consumer group of its own into an empty collection. The clock runs from the first card in
MongoDB until the last one is there as its last event states it. The connector
has two tasks; ours is shown with one member and with two (the replicas of a service rebuild together). All end with
the same cards, by SHA-256.
"""
MEMORY = """\
The resident set of ours during the rebuild above (one member): when a fifth of the run was over, and its highest
from then on.
"""
EARLY, LATE = "after a fifth", "highest afterwards"


class Rebuild:
    """One full topic, and who reads it."""

    def __init__(self, ground: Ground, events: int) -> None:
        self._ground = ground
        self._events = events
        self._topic = topic_called("cards.events.rebuild")
        self._contenders = {contender.name: contender for contender in (OURS, TWO, CONNECTOR)}
        self._digests: set[str] = set()
        self._runs = 0
        self.megabytes: dict[str, list[float]] = {EARLY: [], LATE: []}

    async def fill(self) -> None:
        """Fill the topic."""
        await create(self._ground.bootstrap_servers, self._topic)
        print(f"filling a topic with {self._events:,} events")
        cards = self._events // EVENTS_EACH
        self._ends = Ends.of(record for record in records(cards, EVENTS_EACH) if record.last)
        await fill(self._ground.bootstrap_servers, self._topic, records(cards, EVENTS_EACH))

    async def run(self, name: str) -> float:
        """Let the contender of this name read it; returns events per second."""
        self._runs += 1
        contender, collection = self._contenders[name], f"rebuilt{self._runs}"
        task = Task(self._ground.bootstrap_servers, self._ground.mongodb_uri, DATABASE, self._topic.name, collection)
        cards = self._ground.database[collection]
        runners = contender.start(self._ground, task)
        try:
            await wait_until(lambda: _has_begun(cards), FIRST_SECONDS)
            started = time.perf_counter()
            async with sampled(runners[0]) as megabytes:
                await until_there(cards, contender, self._ends, runners)
            seconds = time.perf_counter() - started
            self._digests.add(await digest(cards, contender))
        finally:
            stop_together(runners, seconds=8)
            await cards.drop()
        if len(self._digests) > 1:
            raise SystemExit(f"{name} did not end with the same documents as those before")
        if contender is OURS:
            fifth = len(megabytes) // 5
            self.megabytes[EARLY].append(max(megabytes[: fifth + 1]))
            self.megabytes[LATE].append(max(megabytes[fifth:]))
        return self._events / seconds


async def _has_begun(cards: AsyncCollection[Document]) -> bool:
    return await cards.estimated_document_count() > 0


@asynccontextmanager
async def sampled(runner: Runner) -> AsyncIterator[list[float]]:
    """The resident megabytes of the process, again and again while the body runs."""
    megabytes = [runner.resident_megabytes()]

    async def sample() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            megabytes.append(runner.resident_megabytes())

    sampling = asyncio.create_task(sample())
    try:
        yield megabytes
    finally:
        sampling.cancel()


async def run(rounds: int, events: int) -> None:
    async with ground() as place:
        rebuild = Rebuild(place, events)
        await rebuild.fill()
        values = await interleave([OURS.name, TWO.name, CONNECTOR.name], rounds, rebuild.run)
    best = max((OURS.name, TWO.name), key=lambda name: ratio(values, name, CONNECTOR.name))
    Measured(
        name="rebuild",
        title=f"Rebuild of {events:,} events",
        explained=EXPLAINED.format(events=events),
        unit="events per second",
        values=values,
        targets=[Target(f"rebuild ({best}) ÷ MongoDB's sink connector", ratio(values, best, CONNECTOR.name), 3)],
    ).save()
    grown = ratio(rebuild.megabytes, LATE, EARLY)
    Measured(
        name="memory",
        title=f"Memory over {events:,} events",
        explained=MEMORY,
        unit="megabytes",
        values=rebuild.megabytes,
        targets=[Target("memory: highest ÷ after warm-up", grown, 1.05, at_most=True)],
    ).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--events", type=int, default=1_000_000)
    chosen = options.parse_args()
    asyncio.run(run(chosen.rounds, chosen.events))


if __name__ == "__main__":
    main()
