"""Trace export: the OpenTelemetry SDK, loaded only where traces are sent somewhere."""

from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

log = structlog.get_logger(__name__)

EXPORT_SECONDS = 1.0  # a collector that hangs must not hold up a process that ends
EXPORT_EVERY_MILLISECONDS = 1_000
LONGEST_ATTRIBUTE = 100  # characters; a route's pattern is the longest that there is to say


class Exporter(SpanExporter):
    """Sends spans by OTLP/HTTP, and says once when nobody takes them, and once when somebody does again.

    What nobody takes is lost: traces are for looking, and nothing is decided by them.
    """

    def __init__(self, endpoint: str) -> None:
        self._otlp = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._taken = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Called by the SDK in a thread of its own."""
        result = self._otlp.export(spans)
        taken = result is SpanExportResult.SUCCESS
        if taken != self._taken:
            self._taken = taken
            log.warning("traces_taken_again" if taken else "traces_not_taken")
        return result

    def shutdown(self) -> None:
        """Called at the end of the process."""
        self._otlp.shutdown()  # type: ignore[no-untyped-call]  # it says no types


def provider_of(service: str, endpoint: str, ratio: float) -> TracerProvider:
    """What makes the spans of this service; who began a trace decides whether it is collected, `ratio` where we do."""
    provider = TracerProvider(
        ParentBasedTraceIdRatio(ratio),
        Resource.create({"service.name": service, "service.namespace": "medonline"}),
        span_limits=SpanLimits(max_events=0, max_attribute_length=LONGEST_ATTRIBUTE),  # a text would be an event
    )
    processor = BatchSpanProcessor(Exporter(endpoint), schedule_delay_millis=EXPORT_EVERY_MILLISECONDS)
    provider.add_span_processor(processor)
    return provider
