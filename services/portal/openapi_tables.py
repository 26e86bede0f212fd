"""An OpenAPI document as tables: its operations, what each takes and what it answers. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.portal.schema_tables import FieldRow, Schema, field_rows, resolve, type_of

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, what it means, and the fields of its body; errors all have the body of RFC 9457."""

    status: str
    description: str
    body: str
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to call the API; `anchor` is its place on the page."""

    anchor: str
    method: str
    path: str
    description: str
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    answers: tuple[Answer, ...]


def operations_of(document: Schema) -> list[Operation]:
    """Every operation, in the document's order."""
    definitions = document.get("components", {}).get("schemas", {})
    return [
        _operation(path, method, item[method], definitions)
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]


def _operation(path: str, method: str, described: Schema, definitions: Schema) -> Operation:
    body = _content(described.get("requestBody", {}))
    return Operation(
        anchor=str(described.get("operationId", f"{method}{path}")),
        method=method.upper(),
        path=path,
        description=str(described.get("description") or described.get("summary") or ""),
        parameters=tuple(_parameters(described.get("parameters", ()), definitions)),
        body=tuple(field_rows(body, definitions)) if body else (),
        answers=tuple(_answer(status, one, definitions) for status, one in described.get("responses", {}).items()),
    )


def _parameters(parameters: Any, definitions: Schema) -> Iterator[FieldRow]:
    for one in parameters:
        place = f"{one['name']} ({one['in']})"
        kind = type_of(one.get("schema", {}), definitions)
        yield FieldRow(place, kind, bool(one.get("required")), str(one.get("description") or ""))


def _answer(status: str, described: Schema, definitions: Schema) -> Answer:
    schema = _content(described)
    body = type_of(schema, definitions) if schema else ""
    inner = resolve(schema.get("items", schema), definitions) if status.startswith("2") else {}
    return Answer(status, str(described.get("description", "")), body, tuple(field_rows(inner, definitions)))


def _content(described: Schema) -> Mapping[str, Any]:
    for content in described.get("content", {}).values():
        if schema := content.get("schema"):
            found: Mapping[str, Any] = schema
            return found
    return {}
