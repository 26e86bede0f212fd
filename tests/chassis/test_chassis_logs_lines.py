"""A line of a log: one JSON object, whoever logs it, with its trace's ids and without the text of any exception."""

import json
import subprocess
import sys
from typing import Any

import pytest

SERVICE = """
import asyncio, logging, structlog
from opentelemetry.sdk.trace import TracerProvider
from chassis.logs import set_up_logs

set_up_logs("cards", "info")
ours, theirs = structlog.get_logger("chassis.http"), logging.getLogger("asyncio")

def fail():
    try:
        raise ValueError("Иванов Ivanov 112-233-445 95")
    except ValueError as error:
        raise ExceptionGroup("Ivanov", [KeyError("Ivanov")]) from error

try:
    fail()
except ExceptionGroup as error:
    ours.error("ours", exc_info=True)
    ours.error("given", exc_info=error)
    theirs.exception("theirs")
    theirs.error("formatted: %s", error)
    theirs.error(error)
theirs.warning("for %s and %s", "Иванов", "+7 (918) 123-45-67")
with TracerProvider().get_tracer("").start_as_current_span("GET /cards") as span:
    ours.info("traced", stream_id="0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3", route="/cards/{card_id}")
    print(span.get_span_context().trace_id, span.get_span_context().span_id)
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    ended = subprocess.run([sys.executable, "-c", SERVICE], capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    return ended.stdout.splitlines()


@pytest.fixture(scope="module")
def lines(told: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told[:-1]]


def test_no_text_of_an_exception_is_told_however_it_is_logged(told: list[str]) -> None:
    assert not any(planted in line for line in told for planted in ("Ivanov", "Иванов", "112-233", "(918)"))


def test_of_an_exception_and_its_causes_the_kinds_and_places_are_told(lines: list[dict[str, Any]]) -> None:
    assert [line["event"] for line in lines[:3]] == ["ours", "given", "theirs"]
    for line in lines[:3]:
        group, first = line["exception"]
        assert (group["error"], first["error"]) == ("ExceptionGroup", "KeyError")
        assert group["at"][-1].endswith(" fail")


def test_of_an_exception_in_a_librarys_message_the_kind_is_told(lines: list[dict[str, Any]]) -> None:
    assert [line["event"] for line in lines[3:5]] == ["formatted: ExceptionGroup", "ExceptionGroup"]


def test_what_a_library_formats_into_its_message_is_redacted(lines: list[dict[str, Any]]) -> None:
    assert lines[5]["event"] == "for *** and ***"


def test_a_line_says_its_service_its_trace_and_its_stream(told: list[str], lines: list[dict[str, Any]]) -> None:
    trace, span = map(int, told[-1].split())
    assert (int(lines[6]["trace_id"], 16), int(lines[6]["span_id"], 16)) == (trace, span)
    assert len(lines[6]["trace_id"]) == 32
    assert lines[6]["stream_id"] == "0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"
    assert {line["service"] for line in lines} == {"cards"}


def test_without_a_trace_no_ids_are_made_up(lines: list[dict[str, Any]]) -> None:
    assert "trace_id" not in lines[0]
