"""Checked without a cluster, strict schemas: what the API server publishes, as JSON Schemas that let no stranger by.

Pure: dictionaries in, dictionaries out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

Schema: TypeAlias = dict[str, Any]

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
DIALECT = "https://json-schema.org/draft/2020-12/schema"  # in older ones nothing counts beside a reference
_WORDS = frozenset({"description", "example", "externalDocs", "title"})
_REF = "#/$defs/"


def closed(schema: Schema) -> Schema:
    """A structural schema of a resource definition, as JSON Schema: what it does not name may not be there.

    The API server drops such fields without a word, unless the definition says that it keeps them. What only constrains
    (allOf, anyOf, oneOf, not) is left as it is: it names some of the fields, not all.
    """
    made = {key: value for key, value in schema.items() if key not in _WORDS and not key.startswith("x-kubernetes-")}
    if "properties" in schema:
        made["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            made[inner] = closed(schema[inner])
    if _names_all(schema):
        made["additionalProperties"] = False
    if made.pop("nullable", False) and "type" in made:
        made["type"] = [made["type"], "null"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool):  # OpenAPI 3.0's way to say it
            del made[exclusive]
            if schema[exclusive]:
                made[exclusive] = made.pop(bound)
    return made


def _names_all(schema: Schema) -> bool:
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-embedded-resource")
    return schema.get("type") == "object" and "additionalProperties" not in schema and not is_open


def of_definition(definition: Schema, core: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """For each version of a resource definition: `group/kind_version`, in lower case, and its schema.

    `core` are Kubernetes' own definitions: the metadata are held against them too, and a namespace is asked for where
    the resource lives in one, and refused where it does not.
    """
    spec = definition["spec"]
    kind, group = spec["names"]["kind"], spec["group"]
    for version in spec["versions"]:
        schema = closed(version["schema"]["openAPIV3Schema"])
        fields = schema["properties"]
        fields["apiVersion"] = {"const": f"{group}/{version['name']}"}
        fields["kind"] = {"const": kind}
        in_namespace = {"required": ["name", "namespace"]}
        fields["metadata"] = {"$ref": _REF + OBJECT_META} | (
            in_namespace if spec["scope"] == "Namespaced" else {"not": {"required": ["namespace"]}}
        )
        schema["required"] = sorted({*schema.get("required", []), "apiVersion", "kind", "metadata"})
        yield f"{group}/{kind}_{version['name']}".lower(), with_definitions(schema, core)


def with_definitions(schema: Schema, core: Mapping[str, Schema]) -> Schema:
    """The schema together with all that it refers to, however far off."""
    needed: dict[str, Schema] = {}
    waiting = list(_referred(schema))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = core[name]
            waiting += _referred(core[name])
    return {**schema, "$schema": DIALECT, "$defs": needed}


def _referred(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if _is_reference(key, value):
                yield value.removeprefix(_REF)
            else:
                yield from _referred(value)
    elif isinstance(part, list):
        for value in part:
            yield from _referred(value)


def _is_reference(key: str, value: Any) -> TypeGuard[str]:
    return key == "$ref" and isinstance(value, str)  # a definition has a property of that name


def without_words(part: Any, address: str = "") -> Any:
    """A schema of Kubernetes' own without its descriptions, its references to `address` turned to its own `$defs`."""
    if isinstance(part, list):
        return [without_words(value, address) for value in part]
    if not isinstance(part, dict):
        return part
    return {
        key: value.removeprefix(address) if _is_reference(key, value) else without_words(value, address)
        for key, value in part.items()
        if not (key in _WORDS and isinstance(value, str))
    }


def with_enums(core: Mapping[str, Schema], enums: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Schema]:
    """Kubernetes' definitions with the words that a property may be. Raises KeyError for an unknown one."""
    made = dict(core)
    for name, properties in enums.items():
        fields = dict(made[name]["properties"])
        for field, words in properties.items():
            is_list = "items" in fields[field]
            fields[field] = fields[field] | ({"items": {"enum": words}} if is_list else {"enum": words})
        made[name] = made[name] | {"properties": fields}
    return made
