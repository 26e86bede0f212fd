"""What the redaction leaves alone: ids, traces and all that operators need."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.logs import mask_personal
from chassis.redaction import redact
from medonline_contracts.identity import EsiaAuthenticated

ids = st.uuids().map(str) | st.text("0123456789abcdef", min_size=31, max_size=31).map(lambda digits: digits + "a")


@given(ids, st.sampled_from(["{}", "/api/cards/{}/history", "request {} of 3", "cards.view-{}:{}", "[{}, {}]"]))
@example("12345678-1234-4123-8123-123456789012", "attempt 123 {}")
def test_an_id_stays_whole(identifier: str, text: str) -> None:
    said = text.format(identifier, identifier)
    assert redact({"a": [said, said.encode()]}) == {"a": [said, said]}


@given(st.text("0123456789", min_size=32, max_size=32), st.text("0123456789", min_size=16, max_size=16))
def test_a_trace_stays_whole_though_it_be_all_digits(trace: str, span: str) -> None:
    said = f"00-{trace}-{span}-01"
    assert redact(f"traceparent {said}") == f"traceparent {said}"


@pytest.mark.parametrize(
    "said",
    [
        "GET /cards/{card_id}",
        "data.person.snils: missing",
        "data.email: string_pattern_mismatch, data.person.birth_date: date_parsing",
        "identity.events/3 at offset 12345",
        "2026-11-22 15:02:11,123 starting",
        "[Errno 98] error while attempting to bind on address ('127.0.0.1', 8101): address already in use",
        f"{EsiaAuthenticated.type_name()} is newer than this code",
        "took 0.25 s, attempt 3",
    ],
)
def test_what_operators_need_stays(said: str) -> None:
    assert redact(said) == said


def test_a_line_of_a_service_stays_as_it_is() -> None:
    line = {
        "event": "answered",
        "route": "/api/cards/{card_id}",
        "status": 200,
        "seconds": 0.0123,
        "offset": 12_345_678_901,
        "request_id": "0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3",
        "stream_id": UUID("0b1c2d3e-4f50-4a6b-8c7d-8e9fa0b1c2d3"),
        "at": datetime(2026, 11, 22, tzinfo=UTC),
        "nothing": None,
        "really": True,
    }
    told = {**line, "stream_id": str(line["stream_id"]), "at": "2026-11-22T00:00:00+00:00"}
    assert mask_personal(None, "", dict(line)) == told
