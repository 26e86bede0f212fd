"""The tracing: one trace from the request through log and topic to the views, by OpenTelemetry's API alone.

An event carries the span of its append (`traceparent`); what is done with it later are children of that span. Where
nothing collects spans, the API does nothing. No span tells what stands in an event, or whose stream it is of.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from medonline_contracts.envelope import Origin

HEADER = "traceparent"
SPANS_A_BATCH = 20  # more would tell no more of the batch, and cost
TOLD_WITHIN = timedelta(hours=1)  # a rebuild adds nothing to the traces of last year
TOPIC = "messaging.destination.name"
GROUP = "messaging.consumer.group.name"
COUNT = "messaging.batch.message_count"

Attributes = Mapping[str, AttributeValue]

_TRACER = trace.get_tracer("medonline.eventlog")
_W3C = TraceContextTextMapPropagator()
_SAMPLED = frozenset("13579bdf")  # the last bit of the last digit says whether a trace is collected


@contextmanager
def appending(log: str, events: int, origin: Origin) -> Iterator[Origin]:
    """The span `append <log>`; the answer is the origin that its events are to carry: this span's."""
    parent = None if trace.get_current_span().get_span_context().is_valid else _context_of(origin.traceparent)
    with working(f"append {log}", SpanKind.PRODUCER, {COUNT: events}, parent):
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        yield replace(origin, traceparent=carrier.get(HEADER, origin.traceparent))


@contextmanager
def reacting(group: str, origin: Origin) -> Iterator[None]:
    """The span `react <group>`, a child of the append of the event that is reacted to."""
    with working(f"react {group}", SpanKind.CONSUMER, {GROUP: group}, _context_of(origin.traceparent)):
        yield


@contextmanager
def telling(topic: str, changes: int) -> Iterator[None]:
    """The span `state <topic>`, a trace of its own: a document of a view does not say which requests made it."""
    with working(f"state {topic}", SpanKind.PRODUCER, {TOPIC: topic, COUNT: changes}, Context()):
        yield


@contextmanager
def working(name: str, kind: SpanKind, attributes: Attributes, parent: Context | None) -> Iterator[None]:
    """A span around work, ended in error where that raises; null as parent: what is being done now."""
    with _TRACER.start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            _fail(span, error)
            raise


class BatchSpans:
    """Spans of work on many events at once: each in the trace of an event, for the first of those that are sampled."""

    def __init__(self, name: str, kind: SpanKind, attributes: Attributes) -> None:
        self._name = name
        self._kind = kind
        self._attributes = attributes
        self._begun = time.time_ns()
        self._count = 0
        self._parents: dict[str, None] = {}  # the events of one append share its span

    def saw(self, traceparent: str | None, recorded: datetime) -> None:
        """An event of the batch; called for each of ten thousand, so it looks at as little as it can."""
        self._count += 1
        sampled = traceparent and traceparent[-1] in _SAMPLED and len(self._parents) < SPANS_A_BATCH
        if traceparent and sampled and datetime.now(UTC) - recorded < TOLD_WITHIN:
            self._parents[traceparent] = None

    def end(self, error: BaseException | None) -> None:
        """Make the spans, all at once now that the batch is done."""
        attributes = {**self._attributes, COUNT: self._count}
        for parent in self._parents:
            span = _TRACER.start_span(self._name, _context_of(parent), self._kind, attributes, start_time=self._begun)
            if error:
                _fail(span, error)
            span.end()


@contextmanager
def batch(name: str, kind: SpanKind, attributes: Attributes) -> Iterator[BatchSpans]:
    """Around the work on a batch; the answer is to be told of each event."""
    spans = BatchSpans(name, kind, attributes)
    try:
        yield spans
    except BaseException as error:
        spans.end(error)
        raise
    spans.end(None)


def _context_of(traceparent: str | None) -> Context:
    return _W3C.extract({HEADER: traceparent} if traceparent else {}, Context())


def _fail(span: Span, error: BaseException) -> None:
    span.set_attribute("error.type", type(error).__name__)  # never its text: a driver's may quote the document
    span.set_status(StatusCode.ERROR)
