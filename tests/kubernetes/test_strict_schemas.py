"""Of a resource definition comes a schema that lets by what the API server keeps, and nothing that it would drop."""

from typing import Any

import jsonschema
import pytest

from deploy.kubernetes.check.strict import OBJECT_META, closed, of_definition, with_definitions, with_enums

META = {"type": "object", "properties": {"name": {"type": "string"}, "namespace": {"type": "string"}}}
CORE = {OBJECT_META: {**META, "additionalProperties": False}}


def fits(schema: dict[str, Any], said: Any) -> bool:
    """Whether a document is let by."""
    return jsonschema.Draft202012Validator(schema).is_valid(said)


def definition(scope: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A resource definition of one version."""
    schema = {"type": "object", "properties": {"metadata": {"type": "object"}, "spec": spec}}
    version = {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    return {"spec": {"group": "cats.example", "names": {"kind": "Cat"}, "scope": scope, "versions": [version]}}


def cat(**metadata: str) -> dict[str, Any]:
    return {"apiVersion": "cats.example/v1", "kind": "Cat", "metadata": metadata, "spec": {"lives": 9}}


def test_what_is_not_named_is_refused_however_deep() -> None:
    leaf = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = closed({"type": "object", "properties": {"list": {"type": "array", "items": leaf}, "map": _map_of(leaf)}})
    assert fits(schema, {"list": [{"a": "x"}], "map": {"any": {"a": "x"}}})
    assert not fits(schema, {"list": [{"b": "x"}]})
    assert not fits(schema, {"map": {"any": {"b": "x"}}})
    assert not fits(schema, {"other": 1})


def _map_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema}


def test_an_object_that_names_nothing_keeps_nothing() -> None:
    assert fits(closed({"type": "object"}), {})
    assert not fits(closed({"type": "object"}), {"a": 1})


@pytest.mark.parametrize("word", ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"])
def test_what_is_kept_unnamed_is_let_by(word: str) -> None:
    assert fits(closed({"type": "object", word: True}), {"anything": {"at": "all"}})


def test_what_only_constrains_does_not_close() -> None:
    one_of = {"oneOf": [{"required": ["a"], "properties": {"a": {"maxLength": 3}}}, {"required": ["b"]}]}
    schema = closed({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, **one_of})
    assert fits(schema, {"a": "x"})
    assert not fits(schema, {"a": "x", "b": "y"})
    assert not fits(schema, {"a": "long"})


def test_a_property_may_be_called_like_a_word_of_the_schemas() -> None:
    schema = closed({"type": "object", "description": "d", "properties": {"description": {"type": "string"}}})
    assert fits(schema, {"description": "kept"})
    assert "description" not in schema


def test_nullable_and_exclusive_bounds_are_said_as_json_schema_says_them() -> None:
    schema = closed({"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True})
    assert fits(schema, None)
    assert fits(schema, 1)
    assert not fits(schema, 0)
    assert fits(closed({"type": "integer", "maximum": 5, "exclusiveMaximum": False}), 5)


@pytest.mark.parametrize(("scope", "metadata"), [("Namespaced", {"namespace": "home"}), ("Cluster", {})])
def test_a_resource_is_in_a_namespace_where_it_has_to_be_and_nowhere_else(scope: str, metadata: dict[str, str]) -> None:
    spec = {"type": "object", "properties": {"lives": {"type": "integer"}}}
    ((name, schema),) = of_definition(definition(scope, spec), CORE)
    other: dict[str, str] = {} if metadata else {"namespace": "home"}
    assert name == "cats.example/cat_v1"
    assert fits(schema, cat(name="tom", **metadata))
    assert not fits(schema, cat(name="tom", **other))
    assert not fits(schema, cat(name="tom", nickname="t", **metadata))
    assert not fits(schema, cat(name="tom", **metadata) | {"kind": "Dog"})


def test_a_schema_comes_with_all_that_it_refers_to() -> None:
    core: dict[str, Any] = {"a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"type": "integer"}, "c": {}}
    schema = with_definitions({"$ref": "#/$defs/a"}, core)
    assert schema["$defs"].keys() == {"a", "b"}
    assert not fits(schema, {"b": "no number"})


def test_words_are_held_to_those_that_the_api_server_takes_and_a_field_that_is_gone_is_noticed() -> None:
    core = {"Policy": {"properties": {"types": {"type": "array", "items": {"type": "string"}}}}}
    made = with_enums(core, {"Policy": {"types": ["Ingress"]}})["Policy"]
    assert fits(made, {"types": ["Ingress"]})
    assert not fits(made, {"types": ["Ingres"]})
    with pytest.raises(KeyError):
        with_enums(core, {"Policy": {"kinds": ["Ingress"]}})
