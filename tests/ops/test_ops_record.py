"""What operators change is recorded before it is changed: who, when, what and why; and afterwards what came of it."""

import asyncio
import getpass
import json
import socket
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from deploy.local.mongo import MongoServer
from deploy.local.ports import free_ports
from deploy.local.secrets import make_secrets
from eventlog.parking import Parking
from eventlog.store import Document
from ops.output import Report
from ops.problem import Exit, Problem
from ops.record import Action, recorded
from tests.eventlog.records import Record
from tests.ops.conftest import YES, World, call

ACTION = Action("dlq drop", {"id": "cards.view:identity.events:0:1"}, "a test")
NOBODY_LISTENS = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"
RETIRE = ("projection", "retire", "cards.view", "2")


async def records(world: World) -> list[Document]:
    """What `ops record list` tells, the newest first."""
    listed: list[Document] = (await world.ops("record", "list", "--json")).json["records"]
    return listed


async def parked(world: World) -> str:
    """The id of a parked event."""
    await Parking(world.databases["cards"], world.group()).park(Record(b"stream", b"{}", []), "ValueError")
    [stream] = (await world.ops("dlq", "list", "--json")).json["parked"]
    return str(stream["id"])


async def test_a_change_is_recorded_with_who_when_what_and_why(world: World) -> None:
    id = await parked(world)
    arguments = ("dlq", "drop", id, "--wait-seconds", "0.1", "--yes", "--reason", "ticket 4711", "--json")
    answer = await world.ops(*arguments, OPS_OPERATOR="night shift")
    [record] = await records(world)
    assert (answer.exit, record["id"], answer.json["kept"]) == (5, answer.json["record"], True)
    assert (record["command"], record["reason"], record["operator"]) == ("dlq drop", "ticket 4711", "night shift")
    assert (record["user"], record["host"]) == (getpass.getuser(), socket.gethostname())
    assert record["arguments"] == {"id": id, "wait_seconds": 0.1}
    assert record["outcome"]["exit"] == "unfinished"
    assert record["at"] < record["outcome"]["at"]
    told = (await world.ops("record", "list", "--command", "dlq drop")).out
    assert "ticket 4711" in told
    assert "night shift" in told


@pytest.mark.parametrize(
    "command",
    [
        ("dlq", "redrive", "--all"),
        ("dlq", "drop", "some-id"),
        ("projection", "rebuild", "cards.view"),
        ("projection", "verify", "cards.view"),
        ("projection", "activate", "cards.view", "2"),
        RETIRE,
        ("keys", "rotate", "--print"),
        ("log", "reimport", "cards"),
        ("log", "republish", "cards.events"),
        ("group", "delete", "cards.view"),
        ("consent", "report", "--account", str(uuid4())),
    ],
)
async def test_nothing_is_done_without_a_reason(world: World, command: tuple[str, ...]) -> None:
    yes = [] if command[0] == "consent" else ["--yes"]
    for reason in ([], ["--reason", "112-233-445 95"]):
        answer = await world.ops(*command, *yes, *reason, "--json")
        assert (answer.exit, answer.json["error"]["kind"]) == (2, "usage")
        assert "--reason" in answer.json["error"]["sentence"]
        assert "112-233" not in answer.out
    assert await records(world) == []


async def test_what_is_only_shown_or_refused_beforehand_is_no_change(world: World) -> None:
    id = await parked(world)
    assert (await world.ops("dlq", "drop", id)).exit == 6
    assert (await world.ops("dlq", "drop", "no-such-id", *YES)).exit == 4
    assert await records(world) == []


async def test_the_record_is_there_before_the_change_is_made(world: World) -> None:
    seen: list[Document] = []

    async def change() -> Report:
        seen.extend(await records(world))
        raise Problem(Exit.REFUSED, "Somebody was faster.")

    with pytest.raises(Problem):
        await recorded(world.installation, ACTION, change)
    [before], [after] = seen, await records(world)
    assert (before["reason"], before["outcome"]) == ("a test", None)
    assert (after["outcome"]["exit"], after["outcome"]["sentence"]) == ("refused", "Somebody was faster.")


async def test_of_another_mistake_the_kind_alone_is_kept(world: World) -> None:
    async def change() -> Report:
        raise ValueError("112-233-445 95")

    with pytest.raises(ValueError, match="112"):
        await recorded(world.installation, ACTION, change)
    [record] = await records(world)
    assert (record["outcome"]["exit"], record["outcome"]["sentence"]) == ("broken", "ValueError")


async def test_an_interruption_is_an_outcome_too(world: World) -> None:
    begun = asyncio.Event()

    async def change() -> Report:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError("nobody waits for this")

    doing = asyncio.create_task(recorded(world.installation, ACTION, change))
    await begun.wait()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    [record] = await records(world)
    assert record["outcome"]["exit"] == "interrupted"


@pytest.mark.parametrize(("because", "kept"), [("ValueError", "ValueError"), ("112-233-445 95", "***")])
async def test_an_argument_that_looks_personal_is_masked_in_the_record(world: World, because: str, kept: str) -> None:
    await Parking(world.databases["cards"], world.group()).park(Record(b"stream", b"{}", []), f"{because}: is null")
    await world.ops("dlq", "redrive", "--all", "--parked-because", because, "--wait-seconds", "0", *YES)
    assert (await records(world))[0]["arguments"]["because"] == kept


async def test_where_mongodb_is_what_fails_the_record_is_printed_and_the_work_goes_on(
    world: World, tmp_path: Path
) -> None:
    make_secrets(tmp_path)
    before = {path.name for path in (tmp_path / "identity").glob("signing*")}
    rotate = ("keys", "rotate", "identity", "--secrets-dir", str(tmp_path))
    answer = await world.ops(*rotate, *YES, "--json", MONGODB_URI=NOBODY_LISTENS)
    assert (answer.exit, answer.json["kept"]) == (0, False)
    record, outcome = (json.loads(line) for line in answer.error.splitlines() if line.startswith("{"))
    assert (record["_id"], record["reason"]) == (answer.json["record"], "a test")
    assert (outcome["_id"], outcome["exit"]) == (record["_id"], "fine")
    assert len({path.name for path in (tmp_path / "identity").glob("signing*")} - before) == 1


@pytest.mark.parametrize("name", ["no.name", "n" * 100])
async def test_where_mongodb_is_not_away_nothing_is_done_unrecorded(world: World, name: str) -> None:
    async def change() -> Report:
        raise AssertionError("it is done")

    with pytest.raises(Problem, match="nothing was done"):
        await recorded(replace(world.installation, records_database=name), ACTION, change)


@pytest.mark.parametrize("name", ["no.name", "{cards}", "PORTAL"])
async def test_a_records_database_that_is_none_or_a_services_is_refused(
    world: World, tmp_path: Path, name: str
) -> None:
    make_secrets(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    rotate = ("keys", "rotate", "identity", "--secrets-dir", str(tmp_path), *YES, "--json")
    answer = await world.ops(*rotate, OPS_RECORDS_DATABASE=name.format(cards=world.databases["cards"].name))
    assert (answer.exit, "OPS_RECORDS_DATABASE" in answer.json["error"]["sentence"]) == (2, True)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.servers
async def test_operators_add_to_their_record_and_cannot_change_it(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    mongo = MongoServer(tmp_path / "data", tmp_path / "mongo", tmp_path / "mongo.log", free_ports().mongod)
    mongo.start()
    try:
        mongo.wait()
        mongo.wait()  # a second start grants nothing twice
        told = {"MONGODB_URI": mongo.uri("ops"), "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
        rotate = ("keys", "rotate", "--secrets-dir", str(tmp_path), *YES, "--json")
        assert (await asyncio.to_thread(call, *rotate, **told)).json["kept"]
        listed = await asyncio.to_thread(call, "record", "list", "--json", **told)
        assert [record["command"] for record in listed.json["records"]] == ["keys rotate"]
        async with AsyncMongoClient[Document](mongo.uri("ops")) as client:
            for change in (client["ops"]["records"].delete_many({}), client["ops"]["outcomes"].drop()):
                with pytest.raises(OperationFailure, match="not authorized"):
                    await change
        refused = await asyncio.to_thread(call, *rotate, "--print", **told, OPS_RECORDS_DATABASE="elsewhere")
        assert (refused.exit, "may not write" in refused.json["error"]["sentence"]) == (3, True)
    finally:
        mongo.kill()
