"""Passwords that a backup brought back: which of them are the last that the log knows of."""

import pytest

from eventlog.store import EventStore
from medonline_contracts.settings import PasswordSet
from ops.credentials import end_passwords, let_go, outdated
from tests.eventlog.conftest import ORIGIN
from tests.ops.conftest import World


async def test_passwords_that_are_not_the_last_that_the_log_knows_no_longer_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.batches.AT_ONCE", 2)
    monkeypatch.setattr("ops.credentials.AT_ONCE", 2)
    store = EventStore(world.databases["settings"], "settings")
    held = {"current": 2, "older": 1, "of nobody": 1}
    for account_id, last in (("current", 2), ("older", 3)):
        versions = range(1, last + 1)
        said = [PasswordSet(account_id=account_id, credential_version=version, kept_session="") for version in versions]
        await store.append(account_id, said, expected_version=0, origin=ORIGIN)
    credentials = store.database["credentials"]
    await credentials.insert_many([{"_id": account_id, "version": version} for account_id, version in held.items()])
    found = await outdated(store.database)
    assert sorted(found) == [("of nobody", 1), ("older", 1)]
    await let_go(store.database, found)
    assert [document["_id"] async for document in credentials.find()] == ["current"]


async def test_many_passwords_end_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.batches.AT_ONCE", 2)
    credentials = world.databases["settings"]["credentials"]
    await credentials.insert_many([{"_id": f"account {number}", "version": 1} for number in range(6)])
    await end_passwords(world.databases["settings"], {f"account {number}" for number in range(5)})
    assert [document["_id"] async for document in credentials.find()] == ["account 5"]
