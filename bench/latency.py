"""Measures how soon what was appended can be read, beside a bare trip through Kafka that is fenced the same way.

.venv/bin/python -m bench.latency [--rounds 5] [--seconds 15]
"""

import argparse
import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Mapping

from bench.contenders.task import Runner, Task
from bench.ground import DATABASE, Ground, ground
from bench.open_loop import open_loop
from bench.processor import Spending, processor_seconds
from bench.race import python
from bench.rounds import Measured, Target, Values, interleave, ratio
from bench.topic import create, topic_called
from bench.trips import BareTrip, WholeWay

EVENTS_PER_SECOND = 200
WARM_UP_SECONDS = 3
CORES = os.cpu_count() or 1
WHOLE, BARE = "append to readable", "bare trip through Kafka"
EXPLAINED = f"""\
{EVENTS_PER_SECOND} events per second, whether or not those before have arrived (an open loop), each on a stream of its
own. **{WHOLE}**: from the call of the store's `append` (w:majority) by way of relay, Kafka,
listener and projector until a query, asked every 10 ms, finds the document; relay and listener run as in a service, in
a process of their own. **{BARE}**: from the call of `send` until a consumer of committed records hands it out; the
producer is transactional and so fenced as the relay is, and sends whatever has come meanwhile in one transaction, over
and over. Both take turns in every round, each after {WARM_UP_SECONDS} s to warm up.
"""
SPENT = """\
Processor time during both trips, for each event: at this rate the {cores} cores have {budget:.0f} ms for each. The less
of it is idle, the longer each step waits for its turn, and the whole way has the more steps: MongoDB writes the event,
the relay is woken, reads and marks it, Kafka takes it, the listener has it applied, MongoDB writes the view and Kafka
the offset. On both trips, what comes between two transactions waits for the second.
"""
IDLE = "idle"


async def first_arrives(ground: Ground) -> None:
    """Return when the service has made its indexes and passes on events."""
    trip = WholeWay(ground, 1)
    await trip.prepare()
    async with trip.running():
        await trip.send(0)
        await trip.watch.all_arrived()


class Trips:
    """Both trips, over and over, and what they took: percentiles, and processor time by trip and part."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._topic, self._bare = topic_called("cards.events.whole"), topic_called("cards.events.bare")
        self._taken = 0
        self.percentiles: dict[str, list[float]] = defaultdict(list)
        self.spending = Spending(1e-3)
        self._idle: dict[str, list[float]] = defaultdict(list)

    async def begin(self) -> Runner:
        """Start the service."""
        for topic in (self._topic, self._bare):
            await create(self._ground.bootstrap_servers, topic)
        task = Task(self._ground.bootstrap_servers, self._ground.mongodb_uri, DATABASE, self._topic.name, "latency")
        service = python("service")(self._ground.folder, task)
        service.start()
        await first_arrives(self._ground)
        return service

    async def take(self, name: str, seconds: float) -> float:
        """Take the trip of this name for so long; returns its 99th percentile."""
        self._taken += 1
        first = (2 * self._taken) * 1000
        trip = WholeWay(self._ground, first) if name == WHOLE else BareTrip(self._ground, self._bare.name, first)
        started, before = time.perf_counter(), processor_seconds()
        async with trip.running():
            await open_loop(trip.send, EVENTS_PER_SECOND, WARM_UP_SECONDS + seconds)
            await trip.watch.all_arrived()
        self._note_spent(name, before, time.perf_counter() - started, len(trip.watch.took))
        del trip.watch.took[: WARM_UP_SECONDS * EVENTS_PER_SECOND]
        for percent in (50, 99):
            self.percentiles[f"{name}, p{percent}"].append(trip.watch.milliseconds(percent))
        return trip.watch.milliseconds(99)

    def _note_spent(self, name: str, before: Mapping[str, float], seconds: float, events: int) -> None:
        busy = sum(self.spending.note(name, before, events).values())
        self._idle[f"{name}: {IDLE}"].append(CORES * seconds / events * 1e3 - busy)

    def spent(self) -> Values:
        """Processor milliseconds for each event, and how many were left."""
        return {**self.spending.values(), **self._idle}


async def run(rounds: int, seconds: float) -> None:
    async with ground() as place:
        trips = Trips(place)
        service = await trips.begin()
        try:
            await interleave([WHOLE, BARE], rounds, lambda name: trips.take(name, seconds))
        finally:
            service.stop()
    p99 = ratio(trips.percentiles, f"{WHOLE}, p99", f"{BARE}, p99")
    target = Target("append to readable, p99 ÷ bare trip through Kafka, p99", p99, 3, at_most=True)
    title = "From the append to the view"
    Measured("latency", title, EXPLAINED, "milliseconds", dict(trips.percentiles), [target]).save()
    budget = SPENT.format(cores=CORES, budget=CORES / EVENTS_PER_SECOND * 1e3)
    Measured("latency_spent", f"{title}: where the time goes", budget, "milliseconds", trips.spent(), []).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=15)
    chosen = options.parse_args()
    asyncio.run(run(chosen.rounds, chosen.seconds))


if __name__ == "__main__":
    main()
