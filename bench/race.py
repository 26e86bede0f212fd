"""The race: one contender reads one full topic into one collection, against the clock.

A topic holds a few events to warm up on and then, in a transaction that is still open, those that count. The
contender starts, reads the first and waits for more, as long as it needs; the clock runs from the commit, which makes
all of the others readable in one instant, until the last card is in MongoDB as its last event states it.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from pymongo.asynchronous.collection import AsyncCollection

from bench.cards import LAST_INSURER, Record
from bench.contenders.connector import connector
from bench.contenders.task import Runner, Task
from bench.ground import DATABASE, Ground
from bench.topic import create, delete, producer_to, send, topic_called
from deploy.local.processes import stop_together
from eventlog.store import Document

PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.01
SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Contender:
    """Who takes part: `section` is where its documents keep what is stated on a card ("" for the whole document).

    `members` processes are started; Kafka divides the partitions among them.
    """

    name: str
    process: Callable[[Path, Task], Runner]
    section: str
    members: int = 1

    def start(self, ground: Ground, task: Task) -> list[Runner]:
        """Start its processes."""
        runners = [self.process(ground.folder, task) for _ in range(self.members)]
        for runner in runners:
            runner.start()
        return runners

    def path(self, name: str) -> str:
        """The path of a field of what is stated."""
        return f"{self.section}.{name}" if self.section else name


def python(module: str) -> Callable[[Path, Task], Runner]:
    """Makes the process of a contender written in Python."""

    def process(folder: Path, task: Task) -> Runner:
        command = [sys.executable, "-m", f"bench.contenders.{module}", *task.arguments()]
        return Runner(module, folder / f"{task.collection}.log", command)

    return process


OURS = Contender("ours", python("ours"), "stated")
MEMBERS = Contender("ours, two members", python("ours"), "stated", members=2)
BY_HAND = Contender("written by hand", python("by_hand"), "stated")
CONNECTOR = Contender("MongoDB's sink connector", connector, "")
ONE_BY_ONE = Contender("FastStream, one by one", python("one_by_one"), "stated")


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds that so many events took, and a digest of the documents at the end."""

    seconds: float
    events: int
    digest: str

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


async def race(
    ground: Ground, contender: Contender, name: str, warm_up: Sequence[Record], full: Sequence[Record]
) -> Result:
    """Let the contender run once; topic and collection are its own, called `name`, and gone afterwards."""
    topic, cards = topic_called(name), await ground.view(name)
    await create(ground.bootstrap_servers, topic)
    runners: list[Runner] = []
    async with producer_to(ground.bootstrap_servers, topic) as producer:
        try:
            async with producer.transaction():
                await send(producer, topic, warm_up)
            await producer.begin_transaction()
            await send(producer, topic, full)
            runners = contender.start(ground, Task(ground.bootstrap_servers, ground.mongodb_uri, DATABASE, name, name))
            await until_there(cards, contender, Ends.of(warm_up), runners)
            await asyncio.sleep(SETTLE_SECONDS)
            started = time.perf_counter()
            await producer.commit_transaction()
            await until_there(cards, contender, Ends.of([*warm_up, *full]), runners)
            seconds = time.perf_counter() - started
            return Result(seconds, len(full), await digest(cards, contender))
        finally:
            stop_together(runners, seconds=8)
            await delete(ground.bootstrap_servers, topic)
            await cards.drop()


@dataclass(frozen=True, slots=True)
class Ends:
    """How a full view is known: how many cards there are, and one that is among the last of each partition."""

    cards: int
    last: Sequence[str]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """The ends of these records."""
        last, count = {}, 0
        for record in records:
            if record.last:
                last[record.partition] = record.key.decode()
                count += 1
        return cls(count, list(last.values()))


async def until_there(
    cards: AsyncCollection[Document], contender: Contender, ends: Ends, runners: Sequence[Runner]
) -> None:
    """Return when every card is as its last event states it. To ask for the ends first is cheap."""
    is_last = {contender.path("person.insurer"): LAST_INSURER}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await cards.count_documents({"_id": {"$in": ends.last}, **is_last}) < len(ends.last) or (
        await cards.count_documents(is_last) < ends.cards
    ):
        for runner in runners:
            if not runner.alive() or time.monotonic() > deadline:
                raise SystemExit(f"{contender.name} did not come to the end; {runner.last_lines()}")
        await asyncio.sleep(POLL_SECONDS)


async def digest(cards: AsyncCollection[Document], contender: Contender) -> str:
    """SHA-256 over what every card states, in the order of ids: contenders that did the same have the same."""
    stated = {"account_id": 1, "relation": f"${contender.path('relation')}", "person": f"${contender.path('person')}"}
    sum_ = sha256()
    async for card in cards.find({}, stated).sort("_id", 1):
        person = {name: value for name, value in sorted(card["person"].items()) if name != "identity_document"}
        document = sorted(card["person"]["identity_document"].items())
        sum_.update(
            repr((card["_id"], card["account_id"], card["relation"], sorted(person.items()), document)).encode()
        )
    return sum_.hexdigest()
