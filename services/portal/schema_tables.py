"""JSON Schemas as tables: for the pages that describe the API and the events. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its dotted name, its type in words, and whether it has to be there."""

    name: str
    type: str
    required: bool
    description: str


def field_rows(schema: Schema, definitions: Schema, prefix: str = "", depth: int = 0) -> Iterator[FieldRow]:
    """The fields of an object and of the objects within it; `definitions` by the names that `$ref` ends with."""
    schema = resolve(schema, definitions)
    for name, part in schema.get("properties", {}).items():
        inner = resolve(_without_null(part), definitions)
        description = str(part.get("description") or "").strip()
        yield FieldRow(f"{prefix}{name}", type_of(part, definitions), name in schema.get("required", ()), description)
        if inner.get("properties") and depth < DEEPEST:
            yield from field_rows(inner, definitions, f"{prefix}{name}.", depth + 1)
        items = resolve(_without_null(inner.get("items", {})), definitions)
        if items.get("properties") and depth < DEEPEST:
            yield from field_rows(items, definitions, f"{prefix}{name}[].", depth + 1)


def resolve(schema: Schema, definitions: Schema) -> Schema:
    """The schema itself, where this one only refers to it."""
    if reference := schema.get("$ref"):
        found: Schema = definitions[str(reference).rpartition("/")[2]]
        return found
    return schema


def type_of(schema: Schema, definitions: Schema) -> str:
    """`string (date)`, `array of string`, `"a" | "b"`, `integer | null`."""
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(type_of(option, definitions) for option in options)
    schema = resolve(schema, definitions)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(type_of(option, definitions) for option in options)
    if "enum" in schema or "const" in schema:
        return " | ".join(f'"{value}"' for value in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"array of {type_of(schema.get('items', {}), definitions)}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _without_null(schema: Schema) -> Schema:
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return options[0] if len(options) == 1 else schema
