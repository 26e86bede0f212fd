"""What is sent to a collector, and what becomes of a service whose collector does not answer."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from structlog.testing import capture_logs

from chassis import traces
from chassis.trace_export import provider_of
from deploy.local.ports import free_ports
from tests.seen.collector import collecting

HANGING = """
import socket, time
from chassis.trace_export import provider_of
deaf = socket.create_server(("127.0.0.1", 0))
tracer = provider_of("cards", f"http://127.0.0.1:{deaf.getsockname()[1]}", 1).get_tracer("test")
for number in range(600):
    tracer.start_span("GET /cards").end()
print(time.monotonic())
"""
STOPPED = """
import os, signal, sys
from contextlib import asynccontextmanager
from fastapi import FastAPI
from chassis.serving import serve
from chassis.traces import client_span, set_up_traces

@asynccontextmanager
async def lifespan(_):
    os.kill(os.getpid(), signal.SIGTERM)
    yield
    with client_span("GET", "identity", "keys"):
        pass

set_up_traces("cards", sys.argv[1], 1)
serve(FastAPI(lifespan=lifespan), "127.0.0.1", 0)
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
    ended = subprocess.run([sys.executable, "-c", HANGING], check=True, capture_output=True, timeout=60)
    last_span_at = float(ended.stdout.split()[0])  # on the machine's own clock
    assert time.monotonic() - last_span_at < 15  # seconds: two batches of a second each, on a busy machine


def test_a_process_that_sigterm_ends_has_sent_its_last_spans() -> None:
    with collecting() as collector:
        ended = subprocess.run([sys.executable, "-c", STOPPED, collector.url], capture_output=True, timeout=60)
        assert ended.returncode == -signal.SIGTERM
        assert [span.name for span in collector.spans()] == ["HTTP GET identity keys"]


def test_for_the_last_spans_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, sent = threading.Event(), threading.Event()
    monkeypatch.setattr(traces, "END_SECONDS", 0.05)
    monkeypatch.setattr(traces, "_SHUT_DOWN", lambda: sent.set() if taken.wait(60) else None)
    traces.end_traces()
    assert not sent.is_set()
    taken.set()
    assert sent.wait(60)
