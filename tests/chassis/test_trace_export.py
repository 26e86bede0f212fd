"""What is sent to a collector, and what becomes of a service whose collector does not answer."""

import subprocess
import sys
import time

from structlog.testing import capture_logs

from chassis.trace_export import provider_of
from deploy.local.ports import free_ports
from tests.seen.collector import collecting

HANGING = """
import socket
from chassis.trace_export import provider_of
deaf = socket.create_server(("127.0.0.1", 0))
tracer = provider_of("cards", f"http://127.0.0.1:{deaf.getsockname()[1]}", 1).get_tracer("test")
for number in range(600):
    tracer.start_span("GET /cards").end()
"""


def test_spans_go_to_the_address_under_the_services_name_and_no_event_with_them() -> None:
    with collecting() as collector:
        provider = provider_of("cards", f"{collector.url}/", 1)
        with provider.get_tracer("test").start_as_current_span("GET /cards") as span:
            span.record_exception(ValueError("112-233-445 95"))
        provider.shutdown()
        (sent,) = collector.spans()
    assert (sent.service, sent.name, sent.told) == ("cards", "GET /cards", False)


def test_who_is_not_sampled_is_not_sent() -> None:
    with collecting() as collector:
        provider = provider_of("cards", collector.url, 0)
        provider.get_tracer("test").start_span("GET /cards").end()
        provider.shutdown()
    assert collector.bodies == []


def test_that_nobody_takes_them_is_said_once() -> None:
    provider = provider_of("cards", f"http://127.0.0.1:{free_ports().watch}", 1)
    with capture_logs() as logs:
        for _ in range(2):
            provider.get_tracer("test").start_span("GET /cards").end()
            provider.force_flush()
    provider.shutdown()
    assert [line["event"] for line in logs] == ["traces_not_taken"]


def test_a_collector_that_hangs_does_not_hold_up_the_end() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", HANGING], check=True, capture_output=True, timeout=60)
    assert time.monotonic() - began < 15  # seconds: two batches of a second each, on a busy machine
