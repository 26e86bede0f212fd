"""What is no break and what is one, over schemas of any shape: optional fields may be added, and nothing else done."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalogue.changes import Part, breaks

Json = dict[str, Any]

names = st.sampled_from(["account_id", "person", "phone", "relation", "number", "period"])
leaves: st.SearchStrategy[Json] = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "boolean", "default": False},
        {"type": "string", "format": "date"},
        {"type": "string", "enum": ["child", "parent"]},
    ]
)


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}], "default": None}


def listed(schema: Json) -> Json:
    return {"type": "array", "items": schema}


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Json]) -> Json:
    properties = draw(st.dictionaries(names, inner, min_size=1, max_size=4))
    required = [name for name, part in properties.items() if "default" not in part and draw(st.booleans())]
    return {"type": "object", "properties": properties, "required": required}


schemas = objects(
    st.recursive(leaves, lambda inner: objects(inner) | inner.map(nullable) | inner.map(listed), max_leaves=6)
)


def objects_in(schema: Json) -> list[Json]:
    """Every object within, the schema itself first."""
    inner = [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *([schema["items"]] if "items" in schema else []),
    ]
    found = [one for part in inner for one in objects_in(part)]
    return [schema, *found] if schema.get("type") == "object" else found


def sentences(old: Json, new: Json) -> list[str]:
    return list(breaks(old, new, Part("field")))


@given(schemas)
def test_what_stays_as_it_is_breaks_nothing(schema: Json) -> None:
    assert sentences(schema, deepcopy(schema)) == []


@given(schemas, st.data(), leaves)
def test_an_optional_field_may_be_added_anywhere(schema: Json, data: st.DataObject, leaf: Json) -> None:
    new = deepcopy(schema)
    data.draw(st.sampled_from(objects_in(new)))["properties"]["of_tomorrow"] = leaf
    assert sentences(schema, new) == []


@given(schemas, st.data(), leaves)
def test_a_required_field_may_be_added_nowhere(schema: Json, data: st.DataObject, leaf: Json) -> None:
    new = deepcopy(schema)
    chosen = data.draw(st.sampled_from(objects_in(new)))
    chosen["properties"]["of_tomorrow"] = leaf
    chosen["required"] = [*chosen["required"], "of_tomorrow"]
    (sentence,) = sentences(schema, new)
    assert "of_tomorrow` is new and required" in sentence


@given(schemas, st.data())
def test_no_field_may_go(schema: Json, data: st.DataObject) -> None:
    new = deepcopy(schema)
    chosen = data.draw(st.sampled_from([one for one in objects_in(new) if one["properties"]]))
    name = data.draw(st.sampled_from(sorted(chosen["properties"])))
    del chosen["properties"][name]
    (sentence,) = sentences(schema, new)
    assert f"{name}` is gone" in sentence


@given(schemas, st.data(), leaves)
def test_no_field_may_become_another(schema: Json, data: st.DataObject, leaf: Json) -> None:
    new = deepcopy(schema)
    chosen = data.draw(st.sampled_from([one for one in objects_in(new) if one["properties"]]))
    name = data.draw(st.sampled_from(sorted(chosen["properties"])))
    if chosen["properties"][name] == leaf:
        return
    chosen["properties"][name] = leaf
    told = sentences(schema, new)
    assert told
    assert all(f"{name}`" in sentence for sentence in told)


@given(schemas, st.data())
def test_whether_a_field_is_required_stays(schema: Json, data: st.DataObject) -> None:
    new = deepcopy(schema)
    chosen = data.draw(st.sampled_from([one for one in objects_in(new) if one["properties"]]))
    name = data.draw(st.sampled_from(sorted(chosen["properties"])))
    chosen["required"] = sorted({*chosen["required"]} ^ {name})
    (sentence,) = sentences(schema, new)
    assert "is required now" in sentence or "can be missing now" in sentence
