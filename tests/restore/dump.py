"""A dump of one moment, in the files that MongoDB's own tools write and read, and what comes back of it.

`mongodump --oplog` and `mongorestore --oplogReplay` are in no package registry, so the rehearsal reads everything in
one snapshot session instead: the same content, of one moment too.
"""

from collections.abc import Iterable
from pathlib import Path

from bson import decode_all, encode, json_util
from pymongo import AsyncMongoClient

from eventlog.store import Document


async def dump(client: AsyncMongoClient[Document], databases: Iterable[str], folder: Path) -> None:
    """All collections of these databases as they are now, whatever is written meanwhile."""
    async with client.start_session(snapshot=True) as moment:
        for name in databases:
            (folder / name).mkdir(parents=True)
            async for described in await client[name].list_collections():
                collection = client[name][described["name"]]
                documents = [encode(document) async for document in collection.find(session=moment)]
                indexes = [dict(index) async for index in await collection.list_indexes()]
                (folder / name / f"{collection.name}.bson").write_bytes(b"".join(documents))
                metadata = {"options": described["options"], "indexes": indexes}
                (folder / name / f"{collection.name}.metadata.json").write_text(json_util.dumps(metadata))


async def destroy(client: AsyncMongoClient[Document], databases: Iterable[str]) -> None:
    """As a disk that fails, or a hand that slips."""
    for name in databases:
        await client.drop_database(name)


async def restore(client: AsyncMongoClient[Document], folder: Path) -> None:
    """Everything in the dump, into databases of which nothing is left."""
    for path in sorted(folder.glob("*/*.metadata.json")):
        database, name = client[path.parent.name], path.name.removesuffix(".metadata.json")
        metadata = json_util.loads(path.read_text())
        await database.command({"create": name, **metadata["options"]})
        if documents := decode_all((path.parent / f"{name}.bson").read_bytes()):
            await database[name].insert_many(documents)
        await database.command({"createIndexes": name, "indexes": metadata["indexes"]})
