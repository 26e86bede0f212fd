"""What a collector was sent, as soon as it is there, and trace by trace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.seen.collector import Collector, Span

PATIENCE_SECONDS, TRIES = 20, 3
Done = TypeVar("Done")


async def spans_of(
    act: Callable[[], Awaitable[Done]], collector: Collector, seen: Callable[[list[Span]], bool]
) -> tuple[Done, list[Span]]:
    """What it came to, and its spans as soon as what is waited for is among them.

    It is done again where that does not come: spans that are not taken within a second are lost.
    """
    for _ in range(TRIES):
        collector.forget()
        done = await act()
        for _ in range(PATIENCE_SECONDS * 5):
            if seen(spans := collector.spans()):
                return done, spans
            await asyncio.sleep(0.2)
    raise AssertionError(f"not among {sorted({span.name for span in collector.spans()})}")


def traces_with(spans: list[Span], *names: str) -> list[list[Span]]:
    """The traces in which all of these spans are."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace, []).append(span)
    return [trace for trace in traces.values() if set(names) <= {span.name for span in trace}]


def above(trace: list[Span], span: Span) -> list[str]:
    """Whose child the span is, from its parent up to the beginning."""
    by_id = {each.id: each for each in trace}
    names = []
    while parent := by_id.get(span.parent):
        names.append(f"{parent.service}: {parent.name}")
        span = parent
    return names
