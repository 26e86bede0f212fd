"""Spans as a service sends them: OTLP's protobuf, made by hand."""

from collections.abc import Sequence

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

MILLISECOND = 1_000_000
BEGAN = 1_700_000_000_000 * MILLISECOND


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def span(
    trace: int,
    number: int,
    name: str = "GET /cards",
    *,
    parent: int = 0,
    after: int = 0,
    took: int = 10,
    failed: bool = False,
    links: Sequence[tuple[int, int]] = (),
) -> Span:
    """A span that began so many milliseconds after the others' epoch and took so many; links are (trace, span)."""
    return Span(
        trace_id=trace_id(trace),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        start_time_unix_nano=BEGAN + after * MILLISECOND,
        end_time_unix_nano=BEGAN + (after + took) * MILLISECOND,
        status=Status(code=Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_UNSET),
        links=[Span.Link(trace_id=trace_id(its), span_id=place.to_bytes(8, "big")) for its, place in links],
    )


def sent_by(service: str, *spans: Span) -> ExportTraceServiceRequest:
    """What a service of this name sends."""
    named = KeyValue(key="service.name", value=AnyValue(string_value=service))
    sent = ResourceSpans(resource=Resource(attributes=[named]), scope_spans=[ScopeSpans(spans=spans)])
    return ExportTraceServiceRequest(resource_spans=[sent])
