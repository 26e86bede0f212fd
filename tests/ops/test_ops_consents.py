"""`ops consent report`: how many stand on which text, and for one account what proves that it agreed."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from eventlog.store import EventStore
from medonline_contracts.envelope import Origin
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor
from tests.ops.conftest import World

FIRST = ConsentText(id="personal-data", version=1, sha256="a" * 64)
SECOND = ConsentText(id="personal-data", version=2, sha256="b" * 64)
FORGED = ConsentText(id="personal-data", version=1, sha256="c" * 64)
GIVEN_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
GRANTOR = Grantor(address="198.51.100.7", user_agent="Firefox of Yana")


async def agrees(world: World, *texts: ConsentText) -> str:
    """Somebody agrees to these texts, one after the other; the account's id."""
    account_id, store = str(uuid4()), EventStore(world.databases["identity"], "identity")
    for version, text in enumerate(texts):
        event = ConsentGiven(account_id=account_id, consent=text, region="RU-STA", given_at=GIVEN_AT, person=GRANTOR)
        await store.append(account_id, [event], expected_version=version, origin=Origin("a test"))
    return account_id


async def report(world: World, *arguments: str) -> tuple[int, Any]:
    answer = await world.ops("consent", "report", *arguments, "--json")
    return answer.exit, answer.json


async def test_accounts_are_counted_by_the_text_to_the_byte(world: World) -> None:
    for texts in ((FIRST,), (FIRST,), (FIRST, SECOND), (SECOND,)):
        await agrees(world, *texts)
    exit, told = await report(world)
    counted = [
        (one["version"], one["sha256"], one["accounts"], one["valid"], one["superseded"]) for one in told["consents"]
    ]
    assert exit == 0
    assert counted == [(1, FIRST.sha256, 3, 2, 1), (2, SECOND.sha256, 2, 2, 0)]
    assert {one["first_given_at"] for one in told["consents"]} == {GIVEN_AT.isoformat()}
    assert {(one["withdrawn"], one["expired"]) for one in told["consents"]} == {(0, 0)}
    assert "198.51" not in (await world.ops("consent", "report")).out


async def test_one_version_in_two_wordings_is_told(world: World) -> None:
    for text in (FIRST, FORGED):
        await agrees(world, text)
    exit, told = await report(world)
    assert (exit, told["of_two_wordings"]) == (1, ["personal-data 1"])


async def test_nobody_has_agreed_to_anything_yet(world: World) -> None:
    assert await report(world) == (0, {"consents": [], "of_two_wordings": []})


async def test_the_evidence_of_one_account_is_shown_and_that_it_was_is_recorded(world: World) -> None:
    account_id = await agrees(world, FIRST, SECOND)
    await agrees(world, FIRST)
    exit, told = await report(world, "--account", account_id, "--reason", "the authority asks, letter 17")
    first, second = told["consents"]
    assert (exit, first["sha256"], second["version"]) == (0, FIRST.sha256, 2)
    assert (first["address"], first["user_agent"]) == (GRANTOR.address, GRANTOR.user_agent)
    assert first["given_at"] == GIVEN_AT.isoformat()
    [record] = (await world.ops("record", "list", "--json")).json["records"]
    assert (record["command"], record["arguments"]) == ("consent report", {"account": account_id})
    assert record["reason"] == "the authority asks, letter 17"
    assert GRANTOR.address not in str(record)


@pytest.mark.parametrize("account", ["112-233-445 95", "Иванова"])
async def test_what_is_no_accounts_id_is_not_repeated(world: World, account: str) -> None:
    exit, told = await report(world, "--account", account, "--reason", "a test")
    assert (exit, account in str(told)) == (2, False)


async def test_of_an_account_that_is_not_there_nothing_is_proved(world: World) -> None:
    assert (await report(world, "--account", str(uuid4()), "--reason", "a test"))[0] == 4


async def test_a_log_of_newer_code_is_not_counted(world: World) -> None:
    await agrees(world, FIRST)
    of_tomorrow = {"$set": {"type": ConsentGiven.type_of(ConsentGiven.event_version + 1)}}
    await world.databases["identity"]["events"].update_one({}, of_tomorrow)
    exit, told = await report(world)
    assert (exit, ConsentGiven.__name__ in told["error"]["sentence"]) == (4, True)
