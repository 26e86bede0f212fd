"""The pages for developers show a schema as the table of its fields, down to the objects within."""

from medonline_contracts.identity import ConsentGiven
from services.portal.openapi_tables import operations_of
from services.portal.rendering import with_code
from services.portal.schema_tables import FieldRow, field_rows, type_of

CARD = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "description": "Its id."},
        "person": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}},
    },
}
DEFINITIONS = {
    "Person": {"type": "object", "properties": {"gender": {"enum": ["male", "female"]}}},
    "Tag": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
}


def test_objects_within_are_told_field_by_field() -> None:
    assert list(field_rows(CARD, DEFINITIONS)) == [
        FieldRow("id", "string (uuid)", True, "Its id."),
        FieldRow("person", "object | null", False, ""),
        FieldRow("person.gender", '"male" | "female"', False, ""),
        FieldRow("tags", "array of object", False, ""),
        FieldRow("tags[].name", "string", True, ""),
    ]


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    part = {"type": "object", "properties": {"part": {"$ref": "#/$defs/Part"}}}
    assert len(list(field_rows(part, {"Part": part}))) < 10


def test_every_field_of_an_event_has_a_type() -> None:
    schema = ConsentGiven.model_json_schema()
    rows = {row.name: row.type for row in field_rows(schema, schema["$defs"])}
    assert rows["given_at"] == "string (date-time)"
    assert rows["consent.sha256"] == "string"
    assert "any" not in rows.values()


def test_an_operation_tells_what_it_takes_and_what_it_answers() -> None:
    document = {
        "paths": {
            "/api/cards": {
                "post": {
                    "operationId": "add",
                    "description": "Add a card.",
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tag"}}}},
                    "responses": {
                        "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tag"}}}},
                        "4XX": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                    },
                }
            }
        },
        "components": {"schemas": DEFINITIONS},
    }
    (operation,) = operations_of(document)
    assert (operation.method, operation.path, operation.anchor) == ("POST", "/api/cards", "add")
    assert operation.body == (FieldRow("name", "string", True, ""),)
    assert [(answer.status, bool(answer.fields)) for answer in operation.answers] == [("201", True), ("4XX", False)]


def test_a_choice_of_types_is_told_whole() -> None:
    assert type_of({"anyOf": [{"type": "integer"}, {"const": "all"}, {"type": "null"}]}, {}) == 'integer | "all" | null'


def test_what_a_docstring_quotes_is_code_and_nothing_in_it_is_markup() -> None:
    assert with_code("`a` <b>") == "<code>a</code> &lt;b&gt;"
