"""Spans of requests: named by the route's pattern, joined to who asked, and silent about who it was for."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis import traces
from chassis.http import Guard
from chassis.openapi import DescribedApi
from chassis.traces import client_span, current_traceparent

ORIGIN = "http://localhost:8080"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SNILS = "112-233-445 95"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans that are made."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "_TRACER", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


@pytest.fixture
def http() -> httpx.AsyncClient:
    router = APIRouter()

    @router.get("/cards/{card_id}")
    async def card(card_id: str) -> dict[str, str | None]:
        with client_span("GET", "identity", "keys") as call:
            call.answered(200)
        return {"here": current_traceparent(), "passed_on": call.headers.get("traceparent")}

    @router.get("/broken/{card_id}")
    async def broken(card_id: str) -> None:
        with client_span("GET", "esia", "person"):
            raise ValueError(SNILS)

    @router.get("/health/live")
    async def live() -> None:
        return None

    app: FastAPI = DescribedApi()
    app.include_router(router)
    app.add_middleware(Guard, origin=ORIGIN)
    app.state.draining = False
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cards.test")


def spans_of(made: InMemorySpanExporter) -> list[ReadableSpan]:
    return list(made.get_finished_spans())


async def test_a_request_is_a_span_named_by_its_route_under_the_trace_that_came_with_it(
    made: InMemorySpanExporter, http: httpx.AsyncClient
) -> None:
    await http.get(f"/cards/{SNILS}?snils={SNILS}", headers={"traceparent": PARENT})
    (_, span) = spans_of(made)
    assert (span.name, span.kind) == ("GET /cards/{card_id}", SpanKind.SERVER)
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/cards/{card_id}",
        "http.response.status_code": 200,
    }
    assert span.parent
    assert f"{span.context.trace_id:032x}-{span.parent.span_id:016x}" in PARENT


async def test_a_call_is_a_child_of_the_request_and_carries_the_trace_on(
    made: InMemorySpanExporter, http: httpx.AsyncClient
) -> None:
    answer = (await http.get("/cards/1")).json()
    (call, served) = spans_of(made)
    assert (call.name, call.kind) == ("HTTP GET identity keys", SpanKind.CLIENT)
    assert call.parent == served.context
    assert f"{call.context.trace_id:032x}-{call.context.span_id:016x}-" in answer["passed_on"]
    assert f"{served.context.span_id:016x}" in answer["here"]


async def test_a_failure_is_told_by_its_kind_and_never_by_its_text(
    made: InMemorySpanExporter, http: httpx.AsyncClient
) -> None:
    assert (await http.get("/broken/1")).status_code == 500
    call, served = spans_of(made)
    assert (call.attributes or {})["error.type"] == "ValueError"
    assert (served.attributes or {})["http.response.status_code"] == 500
    for span in (call, served):
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
        assert SNILS not in span.to_json()


async def test_probes_make_no_spans(made: InMemorySpanExporter, http: httpx.AsyncClient) -> None:
    await http.get("/health/live")
    assert spans_of(made) == []


async def test_where_nothing_is_collected_a_trace_is_passed_on_as_it_came(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/cards/1", headers={"traceparent": PARENT})).json()
    assert answer == {"here": PARENT, "passed_on": PARENT}
    assert (await http.get("/cards/1")).json() == {"here": None, "passed_on": None}
