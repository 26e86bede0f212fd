"""Measures the live projection: ours beside a loop written by hand, MongoDB's sink connector and a FastStream handler.

.venv/bin/python -m bench.projection [--rounds 5] [--cards 25000]
"""

import argparse
import asyncio

from bench.cards import records
from bench.ground import Ground, ground
from bench.race import BY_HAND, CONNECTOR, MEMBERS, ONE_BY_ONE, OURS, race
from bench.rounds import Measured, Target, interleave, ratio

EVENTS_EACH = 4
WARM_UP_CARDS = 5_000
SLOW = 50  # FastStream's handler gets so many times fewer events: it would take an hour otherwise
EXPLAINED = """\
Each reads the same 6 partitions (lz4, read committed, events of about 450 bytes and 300 bytes of headers, four of
each card, shuffled at random) and writes one document a card, with w:majority. The events become readable at one
instant, by the commit of the transaction that holds them; the clock runs from there until the last card is in
MongoDB as its last event states it. Before, each has read {warm_up:,} events to warm up on. At the end the cards of
all are the same, by SHA-256.

- **ours**: listener, delivery, parking and projector with the real projection of the patient cards, in one process
  beside the other handlers in Python, and in two members of a group beside the connector's two tasks;
- **written by hand**: `getmany` of up to 2,000 with our fetch size and garbage collection, the same validation, one
  update with the same guard for every event, one unordered bulk a poll, then the commit;
- **MongoDB's sink connector** 2.0.1: Kafka Connect standalone, 2 tasks, replace by id, polls of up to 2,000; no
  validation, no guard;
- **FastStream, one by one**: a handler a message, the same validation and guard, one update and one commit each (over
  a {slow}th of the events).
"""


async def measure(ground: Ground, rounds: int, cards: int) -> Measured:
    """Run all of them, so many rounds."""
    contenders = {contender.name: contender for contender in (OURS, BY_HAND, MEMBERS, CONNECTOR, ONE_BY_ONE)}
    loads = {
        slow: [list(records(count // slow, EVENTS_EACH, first)) for count, first in ((WARM_UP_CARDS, 10), (cards, 20))]
        for slow in (1, SLOW)
    }
    digests: dict[int, set[str]] = {1: set(), SLOW: set()}
    races = 0

    async def run(name: str) -> float:
        nonlocal races
        races += 1
        slow = SLOW if name == ONE_BY_ONE.name else 1
        result = await race(ground, contenders[name], f"cards{races}", *loads[slow])
        digests[slow].add(result.digest)
        return result.rate

    values = await interleave(list(contenders), rounds, run)
    if any(len(different) != 1 for different in digests.values()):
        raise SystemExit("the contenders did not end with the same documents")
    return Measured(
        name="projection",
        title="Live projection",
        explained=EXPLAINED.format(warm_up=WARM_UP_CARDS * EVENTS_EACH, slow=SLOW),
        unit="events per second",
        values=values,
        targets=[
            Target("live projection ÷ loop written by hand", ratio(values, OURS.name, BY_HAND.name), 1.2),
            Target("live projection ÷ MongoDB's sink connector", ratio(values, MEMBERS.name, CONNECTOR.name), 1.3),
            Target("live projection ÷ FastStream, one by one", ratio(values, OURS.name, ONE_BY_ONE.name), 30),
        ],
    )


async def run(rounds: int, cards: int) -> None:
    async with ground() as place:
        (await measure(place, rounds, cards)).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--cards", type=int, default=25_000)
    chosen = options.parse_args()
    asyncio.run(run(chosen.rounds, chosen.cards))


if __name__ == "__main__":
    main()
