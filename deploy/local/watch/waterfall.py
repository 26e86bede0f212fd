"""Operators' page, waterfall: a trace as rows to draw, each span below the one that caused it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.local.watch.traces import Span, Trace

WIDTH = 1000  # of the drawing
LEAST_WIDTH = 3  # that can be seen
DEEPEST = 9  # that is set further in


@dataclass(frozen=True, slots=True)
class Row:
    """A span, how deep below the first it stands, milliseconds from the trace's begin, and its bar in the drawing."""

    span: Span
    depth: int
    after: float
    x: float
    width: float


def rows_of(trace: Trace) -> list[Row]:
    """Parents before children, siblings by the time at which they began."""
    scale = WIDTH / max(trace.milliseconds, 0.001)
    return [_row(trace, span, depth, scale) for span, depth in _in_order(trace)]


def _row(trace: Trace, span: Span, depth: int, scale: float) -> Row:
    after = trace.after(span)
    width = max(LEAST_WIDTH, span.milliseconds * scale)
    return Row(span, min(depth, DEEPEST), after, min(after * scale, WIDTH - LEAST_WIDTH), width)


def _in_order(trace: Trace) -> Iterator[tuple[Span, int]]:
    """Each span once; what claims to have caused itself is not shown."""
    caused: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(trace.spans.values(), key=lambda span: -span.start):
        caused[span.parent_id if span.parent_id in trace.spans else ""].append(span)
    waiting = [(span, 0) for span in caused[""]]
    while waiting:
        span, depth = waiting.pop()
        yield span, depth
        waiting += [(child, depth + 1) for child in caused[span.id]]
