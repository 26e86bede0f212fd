"""Whether anything was lost: what was acknowledged, the logs, the topics, the views and what other systems are told.

What ought to be in the views is folded here anew, from the logs and in their order, in memory.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from pymongo import AsyncMongoClient

from bench.load.notes import Acknowledged
from deploy.local.secrets import DATABASES, KAFKA_ADMIN
from deploy.local.stack import Stack
from eventlog.documents import envelope_of
from eventlog.process import open_client
from eventlog.projection import Projection, suffix
from eventlog.projector import Projector
from eventlog.store import Document
from medonline_contracts.cards import CardEvent
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import CARDS_STATE, TOPICS
from services.cards.listeners import VIEW
from services.cards.state import state_of
from services.cards.views import PATIENT_CARDS
from services.settings.keyed_hash import KeyedHash
from services.settings.listeners import view
from tests.faults.memory_view import MemoryView
from tests.topics import records_in

ARRIVE_SECONDS = 60.0
LOOK_SECONDS = 1.0

Streams = Mapping[str, Sequence[Envelope[Event]]]


async def lost(stack: Stack, acknowledged: Sequence[Acknowledged]) -> list[str]:
    """A sentence for each thing that is not where it belongs; what is on its way is waited for, a minute at most."""
    deadline = asyncio.get_running_loop().time() + ARRIVE_SECONDS
    async with open_client(stack.servers.mongo.uri("root")) as client:
        while True:
            missing = await _missing(stack, client, acknowledged)
            if not missing or asyncio.get_running_loop().time() > deadline:
                return missing
            await asyncio.sleep(LOOK_SECONDS)


async def _missing(stack: Stack, client: AsyncMongoClient[Document], acknowledged: Sequence[Acknowledged]) -> list[str]:
    logs = {service: await _log_of(client, service) for service in DATABASES}
    keyed_hash = KeyedHash(bytes.fromhex((stack.folder / "secrets/settings/hash.key").read_text()))
    missing = [*not_in_the_log(acknowledged, logs)]
    missing += await _not_on_the_topics(stack, logs)
    missing += await _not_in_the_view(client, "cards", VIEW, [logs["identity"], logs["cards"]])
    missing += await _not_in_the_view(client, "settings", view(keyed_hash), [logs["identity"], logs["settings"]])
    missing += await _not_told(stack, client)
    for service in DATABASES:
        if parked := await client[service]["parked"].count_documents({}):
            missing.append(f"{parked} events are parked at {service}")
    return missing


async def _log_of(client: AsyncMongoClient[Document], service: str) -> Streams:
    streams: dict[str, list[Envelope[Event]]] = defaultdict(list)
    async for document in client[service]["events"].find().sort([("stream_id", 1), ("version", 1)]):
        streams[document["stream_id"]].append(envelope_of(document))
    return streams


def not_in_the_log(acknowledged: Iterable[Acknowledged], logs: Mapping[str, Streams]) -> Iterator[str]:
    """What a page said is saved, and no event says so."""
    accounts = {
        envelope.event.person.esia_oid: stream_id
        for stream_id, envelopes in logs["identity"].items()
        for envelope in envelopes
        if isinstance(envelope.event, EsiaAuthenticated)
    }
    for one in acknowledged:
        account = accounts.get(one.esia_oid, "")
        match one.what:
            case "registered":
                found = bool(account)
            case "card":
                event = _event(logs["cards"], one.stream, one.version)
                found = event is not None and _insurer(cast(CardEvent, event)) == one.said
            case "password":
                events = [envelope.event for envelope in logs["settings"].get(account, ())]
                found = any(isinstance(e, PasswordSet) and e.credential_version == one.version for e in events)
        if not found:
            yield f"acknowledged and not in the log: {one}"


def _event(log: Streams, stream_id: str, version: int) -> Event | None:
    stream = log.get(stream_id, ())
    return stream[version - 1].event if 0 < version <= len(stream) else None


def _insurer(event: CardEvent) -> str | None:
    person = getattr(event, "person", None)
    return person.insurer if person else None


async def _not_on_the_topics(stack: Stack, logs: Mapping[str, Streams]) -> list[str]:
    """Each stream is on its topic in order and whole; twice is allowed."""
    topics = [topic for topic in TOPICS if topic != CARDS_STATE]
    seen: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
    for record in await records_in(stack.servers.kafka.access(KAFKA_ADMIN), topics):
        version = int(dict(record.headers)["ce_streamversion"])
        seen[record.topic, record.key.decode()].setdefault(version)
    return [
        f"{topic.name} does not hold {stream_id} whole and in order"
        for topic in topics
        for stream_id, envelopes in logs[topic.producer].items()
        if list(seen[topic.name, stream_id]) != [envelope.version for envelope in envelopes]
    ]


async def _not_in_the_view(
    client: AsyncMongoClient[Document], service: str, projection: Projection, logs: Sequence[Streams]
) -> list[str]:
    folded = MemoryView()
    projector = Projector(cast(Any, folded), projection.project)
    for envelopes in (envelopes for log in logs for envelopes in log.values()):
        await projector.apply(envelopes)
    pointer = await client[service]["projections"].find_one({"_id": projection.name})
    active = pointer["active"] if pointer else 1
    different = []
    for name in projection.collections:
        there = {one["_id"]: one async for one in client[service][name + suffix(active)].find()}
        said = folded.documents[name]
        different += [
            f"{service}.{name} {id} is not what the log says"
            for id in there.keys() | said.keys()
            if there.get(id) != said.get(id)
        ]
    return different


async def _not_told(stack: Stack, client: AsyncMongoClient[Document]) -> list[str]:
    """Of each card the last word on `cards.state` is how it stands in the view."""
    last = {
        record.key: record.value for record in await records_in(stack.servers.kafka.access(KAFKA_ADMIN), [CARDS_STATE])
    }
    told = {key: value for key, value in last.items() if value is not None}
    states = [state_of(document) async for document in client["cards"][PATIENT_CARDS].find()]
    stand = {state["key"]: state["value"] for state in states if state and state["value"] is not None}
    return [
        f"{CARDS_STATE.name} does not say how {key.decode()} stands"
        for key in told.keys() | stand.keys()
        if told.get(key) != stand.get(key)
    ]
