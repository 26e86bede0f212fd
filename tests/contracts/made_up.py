"""An event that was made up, in its third version, with the upcasters of the first two."""

from typing import Any, ClassVar

import pytest

from medonline_contracts import Event
from medonline_contracts.topics import EVENT_TYPES
from medonline_contracts.upcasting import UPCASTERS


class AddressMoved(Event):
    """In its first version `street` held all; in the second it was called `line`; in the third there are two."""

    event_version: ClassVar[int] = 3
    line: str
    town: str


def second_of_first(data: dict[str, Any]) -> dict[str, Any]:
    return {"line": data["street"]}


def third_of_second(data: dict[str, Any]) -> dict[str, Any]:
    town, line = data["line"].split(", ", 1)
    return {"line": line, "town": town}


MOVED = AddressMoved(line="ул. Мира, 1", town="Ставрополь")


def make_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the contracts had it, for one test."""
    monkeypatch.setitem(EVENT_TYPES, AddressMoved.type_name(), AddressMoved)
    monkeypatch.setitem(UPCASTERS, AddressMoved.type_of(1), second_of_first)
    monkeypatch.setitem(UPCASTERS, AddressMoved.type_of(2), third_of_second)
