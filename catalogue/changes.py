"""What breaks between two forms of one schema, in sentences. FULL: whoever wrote by one is read by the other.

So an added optional field is no change, at any depth, and everything else is: also what would trouble one side alone.
Schemas come without words and references (`catalogue.schemas.substance`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalogue.schemas import Schema

_COMPARED_APART = frozenset({"properties", "required", "default", "anyOf", "type", "format", "enum", "items"})
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What of a record is looked at: `kind` is "field" or "header", `path` its dotted name, empty for the whole."""

    kind: str
    path: str = ""

    def __str__(self) -> str:
        return f"the {self.kind} `{self.path}`" if self.path else "the record"

    def within(self, name: str) -> "Part":
        """A field of it."""
        return Part(self.kind, f"{self.path}.{name}" if self.path else name)

    def items(self) -> "Part":
        """Any one of its items."""
        return Part(self.kind, f"{self.path}[]")


def breaks(old: Schema, new: Schema, part: Part) -> Iterator[str]:
    """Each way in which `new` is more than `old` with optional fields added, as a subscriber sees it."""
    if old.get("default", ...) != new.get("default", ...):
        yield (
            f"{part} says {_default(new)} where it is missing, and said {_default(old)}: "
            "the same record means something else now"
        )
    old_null, old_forms = _forms(old)
    new_null, new_forms = _forms(new)
    if old_null and not new_null:
        yield f"{part} can no longer be null: records that say so can no longer be read"
    if new_null and not old_null:
        yield f"{part} can be null now, which a subscriber of before does not expect"
    if "anyOf" in old or "anyOf" in new:
        yield from _keyword_breaks(old, new, part)
    if len(old_forms) != len(new_forms):
        yield f"{part} had {len(old_forms)} forms and has {len(new_forms)} now"
        return
    for before, after in zip(old_forms, new_forms, strict=True):
        yield from _form_breaks(before, after, part)


def _forms(schema: Schema) -> tuple[bool, list[Schema]]:
    """Whether it can be null, and all else that it can be."""
    forms = _alternatives(schema)
    return any(form.get("type") == "null" for form in forms), [form for form in forms if form.get("type") != "null"]


def _alternatives(schema: Schema) -> list[Schema]:
    if "anyOf" not in schema:
        return [schema]
    return [alternative for one in schema["anyOf"] for alternative in _alternatives(one)]


def _form_breaks(old: Schema, new: Schema, part: Part) -> Iterator[str]:
    if _kind(old) != _kind(new):
        yield f"{part} was {_kind(old)} and is {_kind(new)} now: neither side reads the other's"
        return
    yield from _choice_breaks(old.get("enum"), new.get("enum"), part)
    yield from _keyword_breaks(old, new, part)
    yield from _field_breaks(old, new, part)
    if "items" in old or "items" in new:
        yield from breaks(old.get("items", {}), new.get("items", {}), part.items())


def _keyword_breaks(old: Schema, new: Schema, part: Part) -> Iterator[str]:
    for keyword in sorted({*old, *new} - _COMPARED_APART):
        if old.get(keyword) != new.get(keyword):
            yield f"{part}: `{keyword}` was {old.get(keyword)!r} and is {new.get(keyword)!r} now"


def _choice_breaks(old: list[Any] | None, new: list[Any] | None, part: Part) -> Iterator[str]:
    if old is None and new is None:
        return
    if old is None:
        yield f"{part} could be anything and is one of {_listed(new or [])} now: other records can no longer be read"
    elif new is None:
        yield f"{part} was one of {_listed(old)} and can be anything now, which a subscriber of before does not know"
    else:
        if gone := [value for value in old if value not in new]:
            yield f"{part} can no longer be {_listed(gone)}: records that say so can no longer be read"
        if added := [value for value in new if value not in old]:
            yield f"{part} can be {_listed(added)} now, which a subscriber of before does not know"


def _field_breaks(old: Schema, new: Schema, part: Part) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    added = [name for name in after if name not in before]
    for name in before:
        if name in after:
            yield from _needed_breaks(name in old.get("required", ()), name in new.get("required", ()), part, name)
            yield from breaks(before[name], after[name], part.within(name))
        elif other := next((other for other in added if after[other] == before[name]), None):
            added.remove(other)
            yield f"{part.within(name)} is called `{other}` now: whoever reads `{name}` finds nothing"
        else:
            yield f"{part.within(name)} is gone: whoever reads it finds nothing"
    for name in added:
        if name in new.get("required", ()):
            yield f"{part.within(name)} is new and required: records from before lack it and can no longer be read"


def _needed_breaks(before: bool, after: bool, part: Part, name: str) -> Iterator[str]:
    if after and not before:
        yield f"{part.within(name)} is required now: records that lack it can no longer be read"
    if before and not after:
        yield f"{part.within(name)} was always there and can be missing now: whoever counts on it fails"


def _kind(schema: Schema) -> str:
    kind = _KINDS.get(str(schema.get("type")), "anything")
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _default(schema: Schema) -> str:
    return repr(schema["default"]) if "default" in schema else "nothing"


def _listed(values: list[Any]) -> str:
    return ", ".join(f"«{value}»" for value in values)
