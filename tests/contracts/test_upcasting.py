"""An event of an earlier version is read as the latest one, step by step; shown with an event that was made up."""

import json
from typing import Any

import pytest

from medonline_contracts import Envelope, Event, Unreadable, parse
from medonline_contracts.topics import EVENT_TYPES
from medonline_contracts.upcasting import UPCASTERS, next_type
from tests.contracts.made_up import MOVED, AddressMoved, make_up
from tests.contracts.test_wire import with_header


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    make_up(monkeypatch)


def read(version: int, data: dict[str, Any]) -> Event:
    headers = with_header("ce_type", AddressMoved.type_of(version).encode())
    key = next(value for name, value in headers if name == "ce_subject")
    envelope = parse(key, headers, json.dumps(data).encode())
    assert isinstance(envelope, Envelope)
    return envelope.event


@pytest.mark.parametrize(
    ("version", "data"),
    [
        (1, {"street": "Ставрополь, ул. Мира, 1"}),
        (2, {"line": "Ставрополь, ул. Мира, 1"}),
        (3, {"line": "ул. Мира, 1", "town": "Ставрополь"}),
    ],
)
def test_every_version_is_read_as_the_latest(version: int, data: dict[str, Any]) -> None:
    assert read(version, data) == MOVED


@pytest.mark.parametrize("data", [{}, {"street": None}, {"street": "Ставрополь"}])
def test_what_an_upcaster_cannot_read_is_unreadable_and_not_quoted(data: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match=r"^data: is not what this version was$"):
        read(1, data)


def test_what_comes_out_of_an_upcaster_is_held_to_the_latest_form() -> None:
    UPCASTERS[AddressMoved.type_of(2)] = dict
    with pytest.raises(Unreadable, match=r"data\.town"):
        read(2, {"line": "ул. Мира, 1"})


def test_every_upcaster_leads_to_an_event_there_is() -> None:
    for type_name in UPCASTERS:
        while type_name in UPCASTERS:
            type_name = next_type(type_name)
        assert type_name in EVENT_TYPES
