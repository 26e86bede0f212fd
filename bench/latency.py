"""Measures how soon what was appended can be read, beside a bare trip through Kafka that is fenced the same way.

.venv/bin/python -m bench.latency [--rounds 5] [--seconds 15]
"""

import argparse
import asyncio

from bench.contenders.task import Task
from bench.ground import DATABASE, Ground, ground
from bench.open_loop import open_loop
from bench.race import python
from bench.rounds import Measured, Target, Values, interleave, ratio
from bench.topic import create, topic_called
from bench.trips import BareTrip, WholeWay

EVENTS_PER_SECOND = 200
WARM_UP_SECONDS = 3
WHOLE, BARE = "append to readable", "bare trip through Kafka"
EXPLAINED = f"""\
{EVENTS_PER_SECOND} events per second, whether or not those before have arrived (an open loop), each on a stream of its
own. **{WHOLE}**: from the call of the store's `append` (w:majority) by way of relay, Kafka,
listener and projector until a query, asked every 10 ms, finds the document; relay and listener run as in a service, in
a process of their own. **{BARE}**: from the call of `send` until a consumer of committed records hands it out; the
producer is transactional and so fenced as the relay is, and sends whatever has come meanwhile in one transaction, over
and over. Both take turns in every round, each after {WARM_UP_SECONDS} s to warm up.
"""


async def first_arrives(ground: Ground) -> None:
    """Return when the service has made its indexes and passes on events."""
    trip = WholeWay(ground, 1)
    await trip.prepare()
    async with trip.running():
        await trip.send(0)
        await trip.watch.all_arrived()


async def measure(ground: Ground, rounds: int, seconds: float) -> Measured:
    """So many rounds of both trips."""
    topic, bare = topic_called("cards.events.whole"), topic_called("cards.events.bare")
    await create(ground.bootstrap_servers, topic)
    await create(ground.bootstrap_servers, bare)
    task = Task(ground.bootstrap_servers, ground.mongodb_uri, DATABASE, topic.name, "latency")
    service = python("service")(ground.folder, task)
    service.start()
    await first_arrives(ground)
    taken: dict[str, dict[int, list[float]]] = {name: {50: [], 99: []} for name in (WHOLE, BARE)}
    trips = 0

    async def run(name: str) -> float:
        nonlocal trips
        trips += 2
        trip = WholeWay(ground, trips * 1000) if name == WHOLE else BareTrip(ground, bare.name, trips * 1000)
        async with trip.running():
            await open_loop(trip.send, EVENTS_PER_SECOND, WARM_UP_SECONDS + seconds)
            await trip.watch.all_arrived()
        del trip.watch.took[: WARM_UP_SECONDS * EVENTS_PER_SECOND]
        for percent, found in taken[name].items():
            found.append(trip.watch.milliseconds(percent))
        return taken[name][99][-1]

    try:
        await interleave([WHOLE, BARE], rounds, run)
    finally:
        service.stop()
    values: Values = {f"{name}, p{percent}": found for name in taken for percent, found in taken[name].items()}
    p99 = ratio(values, f"{WHOLE}, p99", f"{BARE}, p99")
    return Measured(
        name="latency",
        title="From the append to the view",
        explained=EXPLAINED,
        unit="milliseconds",
        values=values,
        targets=[Target("append to readable, p99 ÷ bare trip through Kafka, p99", p99, 3, at_most=True)],
    )


async def run(rounds: int, seconds: float) -> None:
    async with ground() as place:
        (await measure(place, rounds, seconds)).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=15)
    chosen = options.parse_args()
    asyncio.run(run(chosen.rounds, chosen.seconds))


if __name__ == "__main__":
    main()
