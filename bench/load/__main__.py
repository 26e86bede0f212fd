"""Measures the whole portal under load: 200 virtual users for five minutes, and a rolling restart of every service.

.venv/bin/python -m bench.load [--users 200] [--minutes 5 | --seconds 300] [--thinking 9]

Ends with 1 where anything went wrong or was lost, and says what, or where another target was
missed. `docs/load.svg` is its plot.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.figures import save
from bench.load.run import Outcome, Plan, walk
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from tests.journeys.crowd import write_crowd

REPLICAS = 2
SHOWN = 20


@contextmanager
def portal_for(users: int) -> Iterator[Stack]:
    """The whole portal with replicas, in a temporary folder, with so many people who have never been there."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        people = Path(folder) / "people.json"
        write_crowd(people, users)
        stack = Stack(Path(folder), free_ports(), {}, people, replicas=REPLICAS)
        try:
            stack.start_all()
            yield stack
        finally:
            stack.stop_all()


def told(outcome: Outcome) -> str:
    """What a person wants to know first."""
    wrong = [*outcome.notes.failures, *outcome.lost]
    lines = [
        f"{len(outcome.notes.clicks)} clicks, {len(outcome.notes.acknowledged)} changes acknowledged, looked again"
        f" {outcome.notes.looked_again} times; {len(outcome.notes.failures)} errors, {len(outcome.lost)} lost",
        *wrong[:SHOWN],
    ]
    return "\n".join(lines)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    options.add_argument("--users", type=int, default=200)
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--seconds", type=float)
    options.add_argument("--thinking", type=float, default=9, help="seconds between two clicks, on average")
    chosen = options.parse_args()
    with portal_for(chosen.users) as stack:
        plan = Plan(chosen.users, chosen.seconds or chosen.minutes * 60, chosen.thinking, stack.rollable())
        outcome = asyncio.run(walk(stack, plan))
    print(told(outcome))
    return 0 if save(plan, outcome) else 1


if __name__ == "__main__":
    sys.exit(main())
