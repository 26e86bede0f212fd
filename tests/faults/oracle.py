"""The oracle, the same for every fault: nothing acknowledged is lost, everything took effect once, versions only rise.

What ought to be is worked out here from the log alone and as simply as can be, not with the code that is tested.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import ConsumerRecord
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from eventlog.documents import envelope_of
from eventlog.process import cancelled
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from tests.faults.ground import COUNTS, ROWS, VIEWS, Ground, answer_to, said_in, state_of
from tests.topics import records_in

Log = Mapping[str, Sequence[Envelope[Event]]]
Acknowledged = Iterable[tuple[str, int, int]]

SAMPLE_SECONDS = 0.05


async def assert_all_is_well(
    ground: Ground, client: AsyncMongoClient[Document], acknowledged: Acknowledged = (), *, reactions: bool = False
) -> None:
    """The whole oracle; called when all is quiet."""
    log = await log_of(ground, client)
    _assert_everything_acknowledged_is_there_once(log, acknowledged)
    assert_in_order(log, await records_of(ground))
    assert await view_of(ground, client) == canonical(fold_of(log))
    if reactions:
        await _assert_reactions_happened_once(log, ground, client)


async def log_of(ground: Ground, client: AsyncMongoClient[Document]) -> Log:
    """The log's streams, each in the order of its versions."""
    streams: dict[str, list[Envelope[Event]]] = defaultdict(list)
    async for document in client[ground.name]["events"].find().sort([("stream_id", 1), ("version", 1)]):
        streams[document["stream_id"]].append(envelope_of(document))
    for stream in streams.values():
        assert [envelope.version for envelope in stream] == list(range(1, len(stream) + 1))
    return streams


def fold_of(log: Log) -> dict[str, list[Document]]:
    """The views as they ought to be: each event written over its predecessor, in order."""
    views: dict[str, Document] = defaultdict(dict)
    rows = []
    for stream_id, envelopes in log.items():
        document, _, side = stream_id.partition(".")
        for envelope in envelopes:
            said = said_in(envelope)
            views[document] |= {"_id": document, "document": document, side: {**said, "version": envelope.version}}
            rows.append({"_id": f"{stream_id}:{envelope.version}", **said})
    return {VIEWS: list(views.values()), ROWS: rows}


async def view_of(ground: Ground, client: AsyncMongoClient[Document], suffix: str = "") -> bytes:
    """The views as they are; `suffix` is that of a generation."""
    database = client[ground.name]
    return canonical({name: await database[name + suffix].find().to_list() for name in (VIEWS, ROWS)})


def canonical(collections: Mapping[str, Iterable[Document]]) -> bytes:
    """The same bytes for the same content."""
    ordered = {name: sorted(documents, key=lambda found: str(found["_id"])) for name, documents in collections.items()}
    return json.dumps(ordered, sort_keys=True, ensure_ascii=False, indent=1).encode()


async def records_of(ground: Ground, *, committed: bool = True) -> list[ConsumerRecord]:
    """What stands in the topic now, partition by partition."""
    return await records_in(ground.kafka, [ground.topic], committed=committed)


async def is_told(ground: Ground, client: AsyncMongoClient[Document]) -> bool:
    """Whether the last word on every document of the view, and on no other, is how it stands now."""
    records = await records_in(ground.kafka, [ground.state_topic])
    last = {record.key: record.value for record in records}
    told = {key: value for key, value in last.items() if value is not None}
    documents = map(state_of, await client[ground.name][VIEWS].find().to_list())
    return told == {document["key"]: document["value"] for document in documents}


def assert_in_order(log: Log, records: Iterable[ConsumerRecord]) -> None:
    """Every event was published at least once; the first time of each comes after the first time of the one before."""
    first_seen: dict[str, dict[int, None]] = defaultdict(dict)
    for record in records:
        first_seen[record.key.decode()].setdefault(int(dict(record.headers)["ce_streamversion"]))
    assert {stream: list(versions) for stream, versions in first_seen.items()} == {
        stream: [envelope.version for envelope in envelopes] for stream, envelopes in log.items()
    }


def _assert_everything_acknowledged_is_there_once(log: Log, acknowledged: Acknowledged) -> None:
    at = {(stream, e.version): said_in(e)["number"] for stream, envelopes in log.items() for e in envelopes}
    for stream, version, number in acknowledged:
        assert at.get((stream, version)) == number, f"{stream} {version} was acknowledged and is lost"
    assert len(set(at.values())) == len(at), "a command took effect twice"


async def _assert_reactions_happened_once(log: Log, ground: Ground, client: AsyncMongoClient[Document]) -> None:
    answers = ground.answers(client)
    counted = {found["_id"]: found["answers"] async for found in answers.database[COUNTS].find()}
    assert counted == {answer_to(stream): len(envelopes) for stream, envelopes in log.items()}
    for stream, envelopes in log.items():
        answered = [said_in(answer) for answer in await answers.read(answer_to(stream))]
        assert answered == [said_in(envelope) for envelope in envelopes]
    assert await answers.database["reactor_waiting"].count_documents({}) == 0


@asynccontextmanager
async def watched(ground: Ground, client: AsyncMongoClient[Document]) -> AsyncIterator[None]:
    """While the body runs, look at the view again and again: no version falls, no row goes."""
    seen = _Seen()

    async def look() -> None:
        while not cancelled():
            try:
                seen.assert_only_rises(await client[ground.name][VIEWS].find().to_list())
                seen.assert_none_goes(await client[ground.name][ROWS].count_documents({}))
            except PyMongoError:  # MongoDB may be what is struck
                continue
            finally:
                await asyncio.sleep(SAMPLE_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])
    if not looking.cancelled():
        looking.result()


class _Seen:
    """The highest version seen of each section, and how many rows."""

    def __init__(self) -> None:
        self._rows = 0
        self._versions: dict[tuple[Any, str], int] = {}

    def assert_only_rises(self, documents: Iterable[Document]) -> None:
        now = {
            (document["_id"], name): section["version"]
            for document in documents
            for name, section in document.items()
            if isinstance(section, dict)
        }
        fallen = {
            place: (version, now.get(place)) for place, version in self._versions.items() if now.get(place, 0) < version
        }
        assert not fallen, fallen
        self._versions = now

    def assert_none_goes(self, rows: int) -> None:
        assert rows >= self._rows
        self._rows = rows
