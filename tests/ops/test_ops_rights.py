"""The operators' user of MongoDB: all tests of `ops` call it with these rights; here is where they end.

What rewrites logs they call with the rights of such a night, and nothing else.
"""

from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from ops.problem import UNAUTHORIZED
from tests.ops.conftest import World

pytestmark = pytest.mark.servers
NOT_WRITTEN = [
    ("identity", "events"),
    ("identity", "relay_places"),
    ("identity", "reimported"),
    ("identity", "set_aside"),
    ("identity", "sessions"),
    ("identity", "accounts"),
    ("identity", "attempts"),
    ("identity", "grants_used"),
    ("identity", "reservations"),
    ("settings", "credentials"),
    ("settings", "profiles"),
    ("cards", "patient_cards"),
]


@pytest.mark.parametrize(("service", "collection"), NOT_WRITTEN)
async def test_an_operator_writes_no_session_account_password_or_log(
    world: World, service: str, collection: str
) -> None:
    there = world.databases[service][collection]
    await there.insert_one({"_id": "somebody"})
    async with AsyncMongoClient[dict[str, object]](world.environment["MONGODB_URI"]) as operator:
        theirs = operator[there.database.name][collection]
        assert await theirs.find_one() == {"_id": "somebody"}
        changes = (theirs.insert_one({}), theirs.update_one({}, {"$set": {"until": 0}}), theirs.rename("other"))
        for write in (*changes, theirs.delete_many({})):
            with pytest.raises(OperationFailure) as refused:
                await write
            assert refused.value.code == UNAUTHORIZED
    assert await there.find().to_list() == [{"_id": "somebody"}]


@pytest.mark.parametrize("collection", ["events", "relay_places"])
async def test_on_such_a_night_an_operator_may_write_what_a_service_believes(world: World, collection: str) -> None:
    async with AsyncMongoClient[dict[str, object]](world.night) as operator:
        await operator[world.databases["identity"].name][collection].insert_one({"_id": "forged"})
    assert await world.databases["identity"][collection].find_one() == {"_id": "forged"}
    page = (Path(__file__).parents[2] / "docs/operations/ops.md").read_text()
    assert "who may write `events` and `relay_places` can\nforge a log" in page


async def test_on_such_a_night_an_operator_ends_passwords_and_sets_none(world: World) -> None:
    held = world.databases["settings"]["credentials"]
    await held.insert_one({"_id": "somebody"})
    async with AsyncMongoClient[dict[str, object]](world.night) as operator:
        theirs = operator[held.database.name]["credentials"]
        for write in (theirs.insert_one({}), theirs.update_one({}, {"$set": {"hash": ""}})):
            with pytest.raises(OperationFailure, match="not authorized"):
                await write
        await theirs.delete_one({"_id": "somebody"})
    assert await held.count_documents({}) == 0


DROPPED_BY_NO_OPERATOR = [
    *(("identity", collection) for collection in ("events", "sessions", "accounts")),
    *(("cards", collection) for collection in ("events", "relay_places", "patient_cards", "patient_cards.g2")),
    *(("settings", collection) for collection in ("events", "credentials", "parked", "projections")),
]


@pytest.mark.parametrize(("service", "collection"), DROPPED_BY_NO_OPERATOR)
async def test_an_operator_drops_nothing_not_even_where_logs_may_be_rewritten(
    world: World, service: str, collection: str
) -> None:
    await world.databases[service][collection].insert_one({"_id": "somebody"})
    for address in (world.environment["MONGODB_URI"], world.night):
        async with AsyncMongoClient[dict[str, object]](address) as operator:
            with pytest.raises(OperationFailure, match="not authorized"):
                await operator[world.databases[service].name].drop_collection(collection)
