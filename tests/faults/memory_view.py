"""A stand-in in memory for the collections of a view; it understands the two updates that a projector sends."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import AutoReconnect

from eventlog.store import Document
from tests.faults.memory import Fault


class MemoryView:
    """Collections in which a bulk may break off in the middle."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Document]] = defaultdict(dict)
        self.fault = Fault()

    def __getitem__(self, name: str) -> "MemoryCollection":
        return MemoryCollection(self, self.documents[name])


class MemoryCollection:
    """One of them."""

    def __init__(self, view: MemoryView, documents: dict[str, Document]) -> None:
        self._view = view
        self._documents = documents

    async def bulk_write(self, operations: Sequence[UpdateOne], *, ordered: bool) -> None:
        assert not ordered
        for operation in operations:
            if await self._view.fault.step():
                raise AutoReconnect
            self._update(operation._filter["_id"], operation._doc)

    def _update(self, id: str, change: Any) -> None:
        if isinstance(change, list):
            document = self._documents.setdefault(id, {"_id": id})
            document |= {name: evaluate(value, dict(document)) for name, value in change[0]["$set"].items()}
        else:
            self._documents.setdefault(id, {"_id": id, **change["$setOnInsert"]})


def evaluate(expression: Any, document: Document) -> Any:
    """MongoDB's expressions, as far as the projector's guard uses them."""
    match expression:
        case {"$literal": value}:
            return value
        case {"$cond": [condition, then, otherwise]}:
            return evaluate(then if evaluate(condition, document) else otherwise, document)
        case {"$gt": [left, right]}:
            return evaluate(left, document) > evaluate(right, document)
        case {"$ifNull": [value, otherwise]}:
            found = evaluate(value, document)
            return evaluate(otherwise, document) if found is None else found
        case str():
            found = document
            for name in expression.removeprefix("$").split("."):
                found = (found or {}).get(name)
            return found
        case _:
            return expression
