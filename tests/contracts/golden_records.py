"""The golden records as a subscriber finds them in the package."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

PACKAGE = files("medonline_contracts")
RECORDS = {
    f"{folder.name}/{record.name}": record
    for folder in (PACKAGE / "golden").iterdir()
    if folder.is_dir()
    for record in folder.iterdir()
}


def loaded(file: Traversable) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a CloudEvents type, or of the headers."""
    return loaded(PACKAGE / "schemas" / f"{name}.json")
