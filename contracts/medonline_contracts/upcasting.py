"""Upcasters: what an event of an earlier version says, put into the words of the next one.

Whoever changes an event by more than an optional field raises its `event_version` and leaves here, under the type that
was, a function from its data to the data of the version after it: `{ConsentGiven.type_of(1): ...}`. Versions are gone
through one by one, so that a reader meets the latest alone. Pure, as everything that reads a record is.
"""

import json
from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
Upcaster = Callable[[Data], Data]

UPCASTERS: dict[str, Upcaster] = {}


def upcast(type_name: str, value: bytes | str) -> tuple[str, str]:
    """The latest type that this one leads to, and its data as JSON.

    Raises `ValueError` where the value is no JSON object, and whatever an upcaster does where a field is missing.
    """
    data = json.loads(value)
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    while step := UPCASTERS.get(type_name):
        type_name, data = next_type(type_name), step(data)
    return type_name, json.dumps(data, ensure_ascii=False)


def next_type(type_name: str) -> str:
    """The type of the version after this one."""
    name, _, version = type_name.rpartition(".v")
    return f"{name}.v{int(version) + 1}"
