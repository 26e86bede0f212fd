"""A collector of the tests' own: takes OTLP over HTTP, keeps the bytes as they came, says what spans they hold."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True)
class Span:
    """One span as it was sent; ids are hexadecimal, `parent` is empty for the first of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    failed: bool
    told: bool  # in words: an event, or the text of a status


class Collector:
    """What was sent to `url` since it was last forgotten."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.bodies: list[bytes] = []

    def spans(self) -> list[Span]:
        """Every span that was sent, once: who was answered late sends it again."""
        found = [span for body in list(self.bodies) for span in _spans_in(body)]
        return list({(span.trace, span.id): span for span in found}.values())

    def forget(self) -> None:
        """Begin anew."""
        self.bodies.clear()


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector while the body runs, on a port of its own."""

    class _Intake(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.bodies.append(b"".join(self._pieces()))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def _pieces(self) -> Iterator[bytes]:
            """The services say how long a body is, Envoy sends it in chunks."""
            if length := self.headers["content-length"]:
                yield self.rfile.read(int(length))
                return
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), _Intake) as server:
        collector = Collector(server.server_port)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()


def _spans_in(body: bytes) -> Iterator[Span]:
    for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = next(each.value.string_value for each in sent.resource.attributes if each.key == "service.name")
        for scope in sent.scope_spans:
            for span in scope.spans:
                yield _read(service, span)


def _read(service: str, span: OtlpSpan) -> Span:
    return Span(
        service,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        {each.key: str(each.value) for each in span.attributes},
        span.status.code == Status.STATUS_CODE_ERROR,
        bool(span.events or span.status.message),
    )
