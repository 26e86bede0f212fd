"""The evidence: what is in the databases and on the topics, read behind the services' backs."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiokafka import ConsumerRecord

from deploy.local.secrets import DATABASES, KAFKA_ADMIN
from deploy.local.stack import Stack
from eventlog.process import open_client
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import TOPICS
from medonline_contracts.wire import parse
from tests.journeys.arrival import all_has_arrived
from tests.topics import records_in

# Leases, attempts that expire, rate counters, the used grants that are forgotten by themselves, how far relays wrote.
PASSING = {"leases", "attempts", "attempt_counts", "guesses", "grants_used", "relay_places"}

# A session that goes on being used says so once a minute.
MOVING = {"sessions": ("last_seen_at", "expires_at")}

STILL_SECONDS = 0.5
Kept = dict[str, Counter[str]]


async def everything_kept(stack: Stack) -> Kept:
    """Every document and every record that stays, so that two moments can be compared.

    It is looked at until nothing moves any more: what was done before may still be on its way into the views, and on
    that way some wait a second or two.
    """
    before, arrived = Kept(), False
    async with asyncio.timeout(90):
        while (now := await _kept(stack)) != before or not arrived:
            before = now
            arrived, _ = await asyncio.gather(all_has_arrived(stack), asyncio.sleep(STILL_SECONDS))
    return now


async def _kept(stack: Stack) -> Kept:
    kept = {f"topic {topic.name}": Counter[str]() for topic in TOPICS}
    for record in await records(stack):
        kept[f"topic {record.topic}"][repr(record)] += 1
    async with open_client(stack.servers.mongo.uri("root")) as client:
        for database in DATABASES:
            for collection in await client[database].list_collection_names():
                if collection not in PASSING:
                    without = dict.fromkeys(MOVING.get(collection, ()), False)
                    documents = await client[database][collection].find({}, without).to_list()
                    kept[f"{database}.{collection}"] = Counter(map(repr, documents))
    return {place: content for place, content in kept.items() if content}


async def records(stack: Stack, *, committed: bool = True) -> Sequence[ConsumerRecord]:
    """Every record of every topic, as Kafka holds it."""
    return await records_in(stack.servers.kafka.access(KAFKA_ADMIN), TOPICS, committed=committed)


async def events(stack: Stack, stream_id: str | None = None) -> list[Envelope[Event]]:
    """The events on the wire, of one stream or of all, in the order of their partitions."""
    parsed = [parse(record.key, record.headers, record.value) for record in await records(stack)]
    return [
        envelope
        for envelope in parsed
        if isinstance(envelope, Envelope) and (stream_id is None or envelope.stream_id == stream_id)
    ]
