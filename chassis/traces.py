"""Traces: OpenTelemetry spans of what comes in and goes out by HTTP, sent to the OTLP address that is given, if one is.

A span says which route or service it was, how it ended and how long it took. It never says who: no address, header,
body or text of an error goes into one. Without an address the SDK is not even loaded, and the API does nothing.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT = "traceparent"
UNWATCHED = ("/health", "/metrics")
END_SECONDS = 2.0  # a collector that hangs must not hold up a process that ends

_TRACER: Tracer | None = None
_SHUT_DOWN: Callable[[], None] | None = None
_W3C = TraceContextTextMapPropagator()  # no baggage: it would carry on whatever somebody put into it


def set_up_traces(service: str, endpoint: str | None, ratio: float) -> None:
    """Send this share of the traces that begin here to `endpoint` (OTLP/HTTP, without /v1/traces); nowhere without one.

    The exporter itself reads the variables beside OTEL_EXPORTER_OTLP_ENDPOINT, such as OTEL_EXPORTER_OTLP_HEADERS.
    """
    global _TRACER, _SHUT_DOWN
    if endpoint:
        from chassis.trace_export import provider_of

        provider = provider_of(service, endpoint, ratio)
        trace.set_tracer_provider(provider)
        _TRACER, _SHUT_DOWN = trace.get_tracer("medonline.chassis"), provider.shutdown


def end_traces() -> None:
    """Send the last spans, for two seconds at most; those that end later go nowhere.

    The SDK does it at the interpreter's exit, which a process that a signal ends does not reach.
    """
    if _SHUT_DOWN:
        ending = threading.Thread(target=_SHUT_DOWN, name="end_traces", daemon=True)
        ending.start()
        ending.join(END_SECONDS)


def current_traceparent() -> str | None:
    """The trace of what is being done now, as W3C's header; null where there is none."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(TRACEPARENT)


@contextmanager
def server_span(method: str, path: str, traceparent: str | None) -> Iterator[Span]:
    """Around a request that came; its address is not known to be a route's yet: see `answered`."""
    if path.startswith(UNWATCHED):
        yield trace.INVALID_SPAN
        return
    parent = _W3C.extract({TRACEPARENT: traceparent} if traceparent else {}, Context())
    with _span(method, SpanKind.SERVER, {"http.request.method": method}, parent) as span:
        yield span


def answered(span: Span, method: str, route: str, status: int) -> None:
    """Name the span by the route's pattern, and say how it ended."""
    span.update_name(f"{method} {route}")
    span.set_attribute("http.route", route)
    _set_status(span, status)


class Call:
    """A request to another service: `headers` carry the trace on to it."""

    def __init__(self, span: Span) -> None:
        self._span = span
        carried = current_traceparent()
        self.headers: Mapping[str, str] = {TRACEPARENT: carried} if carried else {}

    def answered(self, status: int) -> None:
        """Say how it ended."""
        _set_status(self._span, status)


@contextmanager
def client_span(method: str, service: str, what: str = "") -> Iterator[Call]:
    """Around a request to `service`; `what` is asked for there in words of our own, never in those of an address."""
    attributes = {"http.request.method": method, "peer.service": service}
    with _span(f"HTTP {method} {service} {what}".rstrip(), SpanKind.CLIENT, attributes, None) as span:
        yield Call(span)


@contextmanager
def _span(name: str, kind: SpanKind, attributes: Mapping[str, str], parent: Context | None) -> Iterator[Span]:
    if _TRACER is None:
        with _passed_on(parent):
            yield trace.INVALID_SPAN
        return
    with _TRACER.start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)  # never its text, which may quote a person
            span.set_status(StatusCode.ERROR)
            raise


@contextmanager
def _passed_on(parent: Context | None) -> Iterator[None]:
    """Where nobody collects, the trace that came is told in logs and carried on, which costs next to nothing."""
    token = attach(parent) if parent else None
    try:
        yield
    finally:
        if token:
            detach(token)


def _set_status(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
