"""JSON Schemas (2020-12) of events and headers, as subscribers read them, and what is left of one without its words."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from medonline_contracts.envelope import Event
from medonline_contracts.headers import HEADERS

Schema = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples"})


class UntitledFields(GenerateJsonSchema):
    """Without the titles that pydantic makes of the fields' names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def schema_of(event: type[Event]) -> Schema:
    """The schema of an event's value.

    It is the reader's: a field that was added later is not required, because records from before lie in the topics.
    """
    described = event.model_json_schema(mode="validation", schema_generator=UntitledFields)
    return {"$schema": DIALECT, "$id": f"urn:medonline:{event.type_name()}", **described}


def headers_schema() -> Schema:
    """The schema of a record's headers as an object of texts."""
    return {
        "$schema": DIALECT,
        "$id": "urn:medonline:headers",
        "title": "Headers",
        "type": "object",
        "properties": {
            header.name: {"type": "string", **header.form, "description": header.meaning} for header in HEADERS
        },
        "required": [header.name for header in HEADERS if header.always],
    }


def substance(schema: Schema, definitions: Schema | None = None) -> dict[str, Any]:
    """The schema without what is said about it, each `$ref` replaced by what it refers to."""
    definitions = schema.get("$defs", {}) if definitions is None else definitions
    if reference := schema.get("$ref"):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions[str(reference).rpartition("/")[2]], **beside}
    return {key: _part(key, value, definitions) for key, value in schema.items() if key not in _WORDS}


def _part(key: str, value: Any, definitions: Schema) -> Any:
    match key, value:
        case "properties", dict():
            return {name: substance(schema, definitions) for name, schema in value.items()}
        case (("items" | "additionalProperties"), dict()):
            return substance(value, definitions)
        case (("anyOf" | "oneOf" | "allOf"), list()):
            return [substance(schema, definitions) for schema in value]
        case _:
            return value
