"""Of what a client says about its request, the log gets what has its form and nothing else."""

from uuid import UUID

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import origin_of

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
REQUEST_ID = "0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw})


def test_the_gateways_request_id_and_the_trace_are_kept() -> None:
    origin = origin_of(request(x_request_id=REQUEST_ID, traceparent=TRACE))
    assert (origin.correlation_id, origin.traceparent) == (REQUEST_ID, TRACE)


@pytest.mark.parametrize("trace", ["00-1", f"{TRACE}-x", f"{TRACE}\n", TRACE.upper(), f"ff{TRACE[2:]}", "79001234567"])
def test_a_trace_of_another_form_is_left_out(trace: str) -> None:
    assert origin_of(request(traceparent=trace)).traceparent is None


@given(st.text(st.characters(max_codepoint=255)))
def test_whatever_a_client_says_is_never_kept_as_it_is(said: str) -> None:
    origin = origin_of(request(x_request_id=said, traceparent=said))
    assert str(UUID(origin.correlation_id)) == origin.correlation_id != said
    assert origin.traceparent is None


def test_a_request_keeps_the_id_that_it_was_given() -> None:
    asked = request(x_request_id="mine")
    assert origin_of(asked).correlation_id == origin_of(asked).correlation_id
