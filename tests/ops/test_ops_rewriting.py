"""Rewriting a log is a right of some nights alone: who lacks it is told so before anything is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from eventlog.store import Document
from ops.installation import Installation
from ops.problem import Exit
from ops.rewriting import before_rewriting, may_rewrite
from ops.rights import REWRITES_LOGS, Privilege, covers, privileges_to_rewrite
from tests.ops.conftest import YES, World
from tests.servers import RealServers

LOG = "identity"
WANTED = privileges_to_rewrite({LOG: LOG})


@pytest.mark.servers
async def test_a_reimport_without_the_right_is_refused_and_nothing_is_changed_or_recorded(world: World) -> None:
    refused = await world.ops("log", "reimport", LOG, "--json", *YES)
    assert refused.exit == Exit.UNREACHABLE
    told = refused.json["error"]["sentence"]
    assert f"lacks the role {REWRITES_LOGS}" in told
    assert "Nothing was changed; docs/operations/ops.md#the-right-to-rewrite-logs" in told
    assert await world.databases[LOG].list_collection_names() == []
    assert await world.installation.records.list_collection_names() == []


@pytest.mark.servers
async def test_what_would_be_done_begins_with_the_right_where_it_is_missing(
    world: World, at_night: Installation
) -> None:
    assert await before_rewriting(at_night, [LOG]) == []
    async with AsyncMongoClient[Document](world.environment["MONGODB_URI"]) as client:
        usual = Installation(client, {LOG: client[world.databases[LOG].name]}, at_night.kafka_access)
        [first] = await before_rewriting(usual, [LOG])
    assert first.startswith(f"nothing, until the user in MONGODB_URI has the role {REWRITES_LOGS}")


@pytest.mark.servers
async def test_a_service_that_there_is_not_is_told_before_its_rights(world: World) -> None:
    refused = await world.ops("log", "reimport", "portal", "--json", *YES)
    assert (refused.exit, "No service with a log" in refused.json["error"]["sentence"]) == (Exit.USAGE, True)


@pytest.mark.servers
async def test_who_may_do_everything_may_rewrite(world: World, servers: RealServers) -> None:
    assert await may_rewrite(world.installation, LOG)


@pytest.mark.parametrize(
    "held",
    [
        {"resource": {"anyResource": True}, "actions": ["anyAction"]},
        {"resource": {"db": "", "collection": ""}, "actions": ["insert", "update", "remove", "createIndex", "find"]},
        {"resource": {"db": LOG, "collection": ""}, "actions": ["insert", "update", "remove", "createIndex"]},
    ],
)
def test_a_wider_right_is_enough(held: Privilege) -> None:
    assert all(covers([held], wanted) for wanted in WANTED)


@pytest.mark.parametrize(
    "resource",
    [
        {"db": "cards", "collection": ""},
        {"db": "", "collection": "parked"},
        {"db": LOG, "collection": "system.js"},
        {"cluster": True},
    ],
)
def test_a_right_to_something_else_is_not(resource: dict[str, object]) -> None:
    assert not any(covers([{"resource": resource, "actions": ["anyAction"]}], wanted) for wanted in WANTED)


@given(st.sampled_from(range(len(WANTED))), st.data())
def test_one_action_less_is_too_little_though_rights_add_up(place: int, data: st.DataObject) -> None:
    wanted = WANTED[place]
    apart = [{**wanted, "actions": [action]} for action in wanted["actions"]]
    assert covers(apart, wanted)
    missing = data.draw(st.sampled_from(range(len(apart))))
    assert not covers([each for number, each in enumerate(apart) if number != missing], wanted)
