"""Ops, orders: what becomes of parked events is ordered here and done by the partition's owner; then we look.

An order stands on the first parked event of a stream. A redriven event goes on together with all that is parked behind
it; a dropped one is passed over for good.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.text import Text

from eventlog.parking import BEHIND, Order
from ops.masking import reason_shown
from ops.output import Report, table_of
from ops.parked import NOT_DROPPED, Stream, refreshed
from ops.problem import Exit

LOOK_SECONDS = 0.2
STREAMS_AT_ONCE = 50
Became = Literal["redriven", "dropped", "parked again", "not yet done", "not ordered"]
_EXITS: dict[Became, Exit] = {
    "parked again": Exit.WRONG,
    "not ordered": Exit.REFUSED,
    "not yet done": Exit.UNFINISHED,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ordered event, and of its stream: how many went on, how many are parked still, and why."""

    id: str
    group: str
    became: Became
    went_on: int
    still_parked: int
    reason: str | None


async def carry_out(streams: Sequence[Stream], order: Order, seconds: float) -> Report:
    """Order it for each of the streams and say, after so many seconds at most, what came of it."""
    deadline = time.monotonic() + seconds
    turn = asyncio.Semaphore(STREAMS_AT_ONCE)

    async def in_turn(stream: Stream) -> Outcome:
        async with turn:
            return await _carry_out(stream, order, deadline)

    return _report(await asyncio.gather(*map(in_turn, streams)))


async def _carry_out(stream: Stream, order: Order, deadline: float) -> Outcome:
    if not await _give(stream, order):
        return Outcome(stream.id, stream.group, "not ordered", 0, stream.events, "someone was faster: look at it again")
    while True:
        now = await refreshed(stream)
        if now is None or not now.goes_on() or time.monotonic() > deadline:
            return _outcome(stream, order, now)
        await asyncio.sleep(LOOK_SECONDS)


async def _give(stream: Stream, order: Order) -> bool:
    first_and_unordered = {"_id": stream.id, "order": {"$exists": False}} | NOT_DROPPED
    first = await refreshed(stream)
    if first is None or first.id != stream.id:
        return False
    return bool(
        (await stream.database["parked"].update_one(first_and_unordered, {"$set": {"order": order}})).matched_count
    )


def _outcome(stream: Stream, order: Order, now: Stream | None) -> Outcome:
    left = now.events if now else 0
    went_on = max(0, stream.events - left)
    reason = reason_shown(now.head["reason"]) if now else None
    if now is None or now.id != stream.id:
        became: Became = "redriven" if order == "redrive" else "dropped"
        return Outcome(stream.id, stream.group, became, went_on, left, reason)
    became = "not yet done" if now.goes_on() else "parked again"
    return Outcome(stream.id, stream.group, became, went_on, left, reason)


def _report(outcomes: Sequence[Outcome]) -> Report:
    exits = [_exit(outcome) for outcome in outcomes]
    rows = [(one.id, one.became, one.went_on, one.still_parked, one.reason) for one in outcomes]
    table = table_of("What came of it", ("event", "became", "went on", "still parked", "because"), rows)
    document = {"done": True, "outcomes": [asdict(outcome) for outcome in outcomes]}
    return Report(document, [table, *_advice(exits)], max(exits))


def _exit(outcome: Outcome) -> Exit:
    if outcome.became in _EXITS:
        return _EXITS[outcome.became]
    if not outcome.still_parked:
        return Exit.FINE
    return Exit.UNFINISHED if outcome.reason == BEHIND else Exit.WRONG


def _advice(exits: Sequence[Exit]) -> list[Text]:
    if Exit.UNFINISHED in exits:
        text = "An order stands until the partition's owner does it: `ops lag` says whether the group has members."
        return [Text(text)]
    return []
