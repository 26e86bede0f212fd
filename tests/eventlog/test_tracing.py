"""Spans of the log: an event carries that of its append, and of a batch few are told, in the traces they belong to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from eventlog import tracing
from eventlog.tracing import SPANS_A_BATCH, TOLD_WITHIN, appending, batch, reacting
from medonline_contracts.envelope import Origin

NOW = datetime.now(UTC)
REQUEST = Origin("request", traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
PLANTED = "112-233-445 95"


def trace(number: int, flags: str = "01") -> str:
    return f"00-{number + 1:032x}-{number + 1:016x}-{flags}"


def name_of(span: ReadableSpan) -> str:
    return f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans that are made."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_TRACER", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_an_event_carries_the_span_of_its_append_which_is_the_requests_child(made: InMemorySpanExporter) -> None:
    with appending("cards", 2, REQUEST) as origin:
        pass
    (span,) = made.get_finished_spans()
    assert (span.name, span.kind) == ("append cards", SpanKind.PRODUCER)
    assert origin == Origin("request", traceparent=name_of(span))
    assert span.parent
    assert f"{span.context.trace_id:032x}-{span.parent.span_id:016x}" in str(REQUEST.traceparent)


def test_an_append_within_a_reaction_belongs_to_the_trace_of_what_is_reacted_to(made: InMemorySpanExporter) -> None:
    with reacting("identity.password-reactor", REQUEST), appending("identity", 1, Origin("request")) as origin:
        pass
    append, react = made.get_finished_spans()
    assert append.parent == react.context
    assert str(origin.traceparent).startswith(str(REQUEST.traceparent)[:35])


def test_where_nothing_is_collected_an_event_keeps_the_requests_trace_or_none() -> None:
    with appending("cards", 1, REQUEST) as origin:
        assert origin == REQUEST
    with appending("cards", 1, Origin("request")) as origin:
        assert origin == Origin("request")


def test_each_sampled_event_of_a_batch_gets_a_span_in_its_own_trace(made: InMemorySpanExporter) -> None:
    with batch("project cards.view", SpanKind.CONSUMER, {}) as spans:
        for traceparent in (trace(1), trace(1), trace(2, "00"), None, trace(3)):
            spans.saw(traceparent, NOW)
    told = made.get_finished_spans()
    assert [span.context.trace_id for span in told] == [2, 4]
    for span in told:
        assert span.parent
        assert span.parent.span_id == span.context.trace_id  # as `trace` numbers them
        assert dict(span.attributes or {}) == {tracing.COUNT: 5}


def test_of_a_large_batch_a_few_are_told(made: InMemorySpanExporter) -> None:
    with batch("project cards.view", SpanKind.CONSUMER, {}) as spans:
        for number in range(10_000):
            spans.saw(trace(number), NOW)
    assert len(made.get_finished_spans()) == SPANS_A_BATCH


def test_a_rebuild_adds_nothing_to_traces_of_long_ago(made: InMemorySpanExporter) -> None:
    with batch("project cards.view.g2", SpanKind.CONSUMER, {}) as spans:
        spans.saw(trace(1), NOW - TOLD_WITHIN - timedelta(seconds=1))
    assert made.get_finished_spans() == ()


def test_a_batch_that_fails_is_told_by_the_errors_kind_and_never_by_its_text(made: InMemorySpanExporter) -> None:
    def fail() -> None:
        with batch("project cards.view", SpanKind.CONSUMER, {}) as spans:
            spans.saw(trace(1), NOW)
            raise ValueError(PLANTED)

    with pytest.raises(ValueError, match=PLANTED):
        fail()
    (span,) = made.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert dict(span.attributes or {})["error.type"] == "ValueError"
    assert PLANTED not in span.to_json()
