"""Measures whether a large view is slower to keep: the time an event takes with 10,000 cards and with 1,000,000.

.venv/bin/python -m bench.scale [--rounds 5] [--many 1000000]
"""

import argparse
import asyncio
import json
import time

from pymongo.asynchronous.collection import AsyncCollection

from bench.cards import TIME, Record, card_id, records, touching
from bench.contenders.task import Runner, Task
from bench.ground import DATABASE, Ground, ground
from bench.processor import Spending, processor_seconds
from bench.race import OURS
from bench.rounds import Measured, Target, interleave, ratio
from bench.topic import create, producer_to, send, topic_called
from deploy.local.processes import stop_together
from eventlog.process import wait_until
from eventlog.store import Document

FEW = 10_000
EVENTS = 10_000  # each on a card of its own: with fewer cards than events, folding would help the small view
PASSES = 4
PATIENCE_SECONDS = 120.0
EXPLAINED = """\
Two views of ours, one of {few:,} cards and one of {many:,}, each kept by a process of its own. In turn, {events:,}
events on as many different cards, chosen at random, become readable at one instant; the clock runs until all of them
are in the view. A round is the mean of {passes} such times. MongoDB's cache holds either view, as it would be sized to.
"""
SPENT = """\
Processor time during the passes above, for each event. In the large view every event changes a page that nothing else
changes: MongoDB descends one level more to it, finds it in no cache of the processor, and writes it at the next
checkpoint for that event alone. What is ours does not know how large the view is.
"""


class View:
    """A view of so many cards, the topic that it is kept from, and the process that keeps it."""

    def __init__(self, ground: Ground, cards: int) -> None:
        name = f"scale{cards}"
        self._ground = ground
        self._count = cards
        self._topic = topic_called(name)
        self._cards: AsyncCollection[Document] = ground.database[name]
        self._version = 1
        self._task = Task(ground.bootstrap_servers, ground.mongodb_uri, DATABASE, name, name)

    async def begin(self) -> list[Runner]:
        """Make the cards as their first events would have, and start to keep them."""
        await create(self._ground.bootstrap_servers, self._topic)
        await self._ground.view(self._cards.name)
        content = json.loads(next(records(1, 1)).value)
        for start in range(0, self._count, FEW):
            numbers = range(start, min(start + FEW, self._count))
            await self._cards.insert_many([_card(number, content) for number in numbers], ordered=False)
        runners = OURS.start(self._ground, self._task)
        await self.seconds()  # to warm up
        return runners

    async def seconds(self) -> float:
        """How long it takes until the next events are in the view."""
        self._version += 1
        full = list(touching(self._count, EVENTS, self._version))
        async with producer_to(self._ground.bootstrap_servers, self._topic) as producer:
            await producer.begin_transaction()
            await send(producer, self._topic, full)
            started = time.perf_counter()
            await producer.commit_transaction()
            if not await wait_until(lambda: self._has(full), PATIENCE_SECONDS):
                raise SystemExit(f"the view of {self._count:,} cards did not come to the end")
            return time.perf_counter() - started

    async def _has(self, full: list[Record]) -> bool:
        last = {record.partition: record.key.decode() for record in full}
        if not await self._at_version(list(last.values())):
            return False
        return await self._at_version([record.key.decode() for record in full])

    async def _at_version(self, ids: list[str]) -> bool:
        there = {"_id": {"$in": ids}, "stated.version": self._version}
        return await self._cards.count_documents(there) == len(ids)


def _card(number: int, content: Document) -> Document:
    stated = {"relation": content["relation"], "person": content["person"], "changed_at": TIME, "version": 1}
    return {"_id": card_id(number), "account_id": card_id(number, 1), "stated": stated}


async def run(rounds: int, many: int) -> None:
    async with ground() as place:
        views = {f"{count:,} cards": View(place, count) for count in (FEW, many)}
        runners: list[Runner] = []
        spending = Spending(1e-6)
        try:
            for view in views.values():
                runners += await view.begin()

            async def microseconds(name: str) -> float:
                before = processor_seconds()
                passes = [await views[name].seconds() for _ in range(PASSES)]
                spending.note(name, before, PASSES * EVENTS)
                return sum(passes) / PASSES / EVENTS * 1e6

            values = await interleave(list(views), rounds, microseconds)
        finally:
            stop_together(runners, seconds=8)
    small, large = views
    Measured(
        name="scale",
        title="A view of a million cards",
        explained=EXPLAINED.format(few=FEW, many=many, events=EVENTS, passes=PASSES),
        unit="microseconds per event",
        values=values,
        targets=[Target(f"time per event: {large} ÷ {small}", ratio(values, large, small), 1.15, at_most=True)],
    ).save()
    title = "A view of a million cards: where the time goes"
    Measured("scale_spent", title, SPENT, "µs", spending.values(), []).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--many", type=int, default=1_000_000)
    chosen = options.parse_args()
    asyncio.run(run(chosen.rounds, chosen.many))


if __name__ == "__main__":
    main()
