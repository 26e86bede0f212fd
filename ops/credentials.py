"""Ops, credentials: passwords are state and not log, so that a backup brings old ones back: they are held against it.

The log says which version of an account's password is the last (`PasswordSet`, which holds no password). A credential
of another version is let go of: its owner sets a new password after signing in through Gosuslugi.
"""

from collections.abc import Collection, Sequence

from pymongo import DeleteOne
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from medonline_contracts.settings import PasswordSet
from medonline_contracts.wire import read_event
from ops.batches import AT_ONCE, in_batches

CREDENTIALS = "credentials"

Held = tuple[str, int]


async def outdated(database: AsyncDatabase[Document]) -> list[Held]:
    """The accounts whose password is not the last one that the log knows of, with the version that is held."""
    found: list[Held] = []
    cursor = database[CREDENTIALS].find({}, {"version": 1}).batch_size(AT_ONCE)
    batch: list[Held] = []
    async for credential in cursor:
        batch.append((credential["_id"], credential["version"]))
        if len(batch) == AT_ONCE:
            found += await _outdated(database, batch)
            batch = []
    return found + await _outdated(database, batch)


async def end_passwords(database: AsyncDatabase[Document], accounts: Collection[str]) -> None:
    """Delete the credentials of these accounts, whose last `PasswordSet` the log lacks: what is held is older."""
    for some in in_batches(sorted(accounts)):
        await database[CREDENTIALS].delete_many({"_id": {"$in": some}})


async def let_go(database: AsyncDatabase[Document], held: Sequence[Held]) -> None:
    """Delete these credentials, but for what has been replaced meanwhile."""
    for some in in_batches(held):
        deletions = [DeleteOne({"_id": account_id, "version": version}) for account_id, version in some]
        await database[CREDENTIALS].bulk_write(deletions, ordered=False)


async def _outdated(database: AsyncDatabase[Document], held: Sequence[Held]) -> list[Held]:
    last: dict[str, int] = {}
    types = [PasswordSet.type_of(version) for version in range(1, PasswordSet.event_version + 1)]
    of_accounts = {"stream_id": {"$in": [account_id for account_id, _ in held]}, "type": {"$in": types}}
    async for document in database["events"].find(of_accounts, {"stream_id": 1, "type": 1, "data": 1}):
        event = read_event(document["type"], document["data"])
        if isinstance(event, PasswordSet):
            last[document["stream_id"]] = max(last.get(document["stream_id"], 0), event.credential_version)
    return [(account_id, version) for account_id, version in held if last.get(account_id) != version]
