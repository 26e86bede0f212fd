"""The operators' user of MongoDB: all tests of `ops` call it with these rights; here is what they do not allow."""

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from ops.problem import UNAUTHORIZED
from tests.ops.conftest import World

pytestmark = pytest.mark.servers
WHAT_LETS_SOMEBODY_IN = [
    ("identity", "sessions"),
    ("identity", "accounts"),
    ("identity", "attempts"),
    ("identity", "grants_used"),
    ("identity", "reservations"),
    ("settings", "credentials"),
    ("settings", "profiles"),
    ("cards", "patient_cards"),
]


@pytest.mark.parametrize(("service", "collection"), WHAT_LETS_SOMEBODY_IN)
async def test_an_operator_makes_and_changes_nothing_that_lets_somebody_in(
    world: World, service: str, collection: str
) -> None:
    there = world.databases[service][collection]
    await there.insert_one({"_id": "somebody"})
    async with AsyncMongoClient[dict[str, object]](world.environment["MONGODB_URI"]) as operator:
        theirs = operator[there.database.name][collection]
        assert await theirs.find_one() == {"_id": "somebody"}
        for write in (theirs.insert_one({}), theirs.update_one({}, {"$set": {"until": 0}}), theirs.rename("other")):
            with pytest.raises(OperationFailure) as refused:
                await write
            assert refused.value.code == UNAUTHORIZED
    assert await there.find().to_list() == [{"_id": "somebody"}]


@pytest.mark.parametrize("collection", ["events", "sessions"])
async def test_an_operator_drops_nothing_of_identity(world: World, collection: str) -> None:
    await world.databases["identity"][collection].insert_one({"_id": "somebody"})
    async with AsyncMongoClient[dict[str, object]](world.environment["MONGODB_URI"]) as operator:
        with pytest.raises(OperationFailure, match="not authorized"):
            await operator[world.databases["identity"].name].drop_collection(collection)
