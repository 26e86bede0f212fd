"""Operators' page, traces: the last ones that were sent here, in memory that is bounded whatever is sent.

A span is kept under its own trace and under those that it links to: one that stands for a batch is part of every trace
whose events were in the batch. Of a span nothing is kept but who did what and how long it took.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

MOST_TRACES = 100
MOST_SPANS = 300  # of one trace
MOST_LINKS = 50  # of one span that are followed
LONGEST_NAME = 120
GATEWAY = "gateway"
TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work; times are nanoseconds since 1970, `parent_id` is empty where it began the trace."""

    id: str
    parent_id: str
    service: str
    name: str
    start: int
    end: int
    failed: bool

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return max(0, self.end - self.start) / 1e6


@dataclass(slots=True)
class Trace:
    """What is known of one trace; `left_out` counts the spans for which there was no room."""

    id: str
    spans: dict[str, Span] = field(default_factory=dict)
    left_out: int = 0

    def add(self, span: Span) -> None:
        """Keep a span, if there is room."""
        if span.id in self.spans or len(self.spans) < MOST_SPANS:
            self.spans[span.id] = span
        else:
            self.left_out += 1

    @property
    def name(self) -> str:
        """What was asked: not what the gateway calls it, nor its question to identity who asks, which comes before."""
        first = min(self.spans.values(), key=lambda span: (span.parent_id in self.spans, span.start))
        gateway = {span.id for span in self.spans.values() if span.service == GATEWAY}
        asked = [span for span in self.spans.values() if span.parent_id in gateway and span.id not in gateway]
        return max(asked, key=lambda span: span.start, default=first).name or "no name"

    @property
    def began(self) -> datetime:
        """When."""
        return datetime.fromtimestamp(self._start / 1e9, UTC)

    @property
    def milliseconds(self) -> float:
        """From its first moment to its last."""
        return (max(span.end for span in self.spans.values()) - self._start) / 1e6

    @property
    def services(self) -> list[str]:
        """Who took part, in the order in which they came in."""
        return list(dict.fromkeys(span.service for span in sorted(self.spans.values(), key=lambda span: span.start)))

    @property
    def failed(self) -> bool:
        """Whether any of it did."""
        return any(span.failed for span in self.spans.values())

    def after(self, span: Span) -> float:
        """Milliseconds from the trace's first moment to the span's."""
        return (span.start - self._start) / 1e6

    @property
    def _start(self) -> int:
        return min(span.start for span in self.spans.values())


class Traces:
    """The last traces, by the hexadecimal id that logs and records show."""

    def __init__(self) -> None:
        self._traces: OrderedDict[str, Trace] = OrderedDict()

    def add(self, sent: ExportTraceServiceRequest) -> None:
        """Keep what was sent; a span without the ids that the protocol asks for is passed over."""
        for resource_spans in sent.resource_spans:
            service = _service_of(resource_spans.resource)
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    self._add(service, span)

    def get(self, trace_id: str) -> Trace | None:
        """The trace, unless it was never here or is here no more."""
        return self._traces.get(trace_id)

    def recent(self) -> list[Trace]:
        """All of them, the newest first."""
        return sorted(self._traces.values(), key=lambda trace: trace.began, reverse=True)

    def _add(self, service: str, sent: trace_pb2.Span) -> None:
        for trace_id, parent_id in _places(sent):
            if len(trace_id) == TRACE_ID_BYTES and len(sent.span_id) == SPAN_ID_BYTES:
                self._trace(trace_id.hex()).add(
                    Span(
                        id=sent.span_id.hex(),
                        parent_id=parent_id.hex(),
                        service=service,
                        name=sent.name[:LONGEST_NAME],
                        start=sent.start_time_unix_nano,
                        end=sent.end_time_unix_nano,
                        failed=sent.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
                    )
                )

    def _trace(self, trace_id: str) -> Trace:
        if trace_id not in self._traces:
            self._traces[trace_id] = Trace(trace_id)
            if len(self._traces) > MOST_TRACES:
                self._traces.popitem(last=False)
        return self._traces[trace_id]


def _places(span: trace_pb2.Span) -> Iterator[tuple[bytes, bytes]]:
    """The traces that it belongs to, each with its parent there."""
    yield span.trace_id, span.parent_span_id
    for link in span.links[:MOST_LINKS]:
        yield link.trace_id, link.span_id


def _service_of(resource: Resource) -> str:
    named = (one.value.string_value for one in resource.attributes if one.key == "service.name")
    return next(named, "unknown")[:LONGEST_NAME]
