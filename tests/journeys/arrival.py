"""Whether everything that was done has arrived: published, read by every group, and told of each card."""

import asyncio

from pymongo import AsyncMongoClient

from deploy.local.secrets import DATABASES, KAFKA_ADMIN
from deploy.local.stack import Stack
from eventlog.backlog import unpublished_in
from eventlog.process import open_client
from eventlog.projection import suffix
from eventlog.store import Document
from medonline_contracts.topics import CARDS_STATE, TOPICS
from ops.kafka import open_kafka
from ops.lag import Lag, groups_of
from services.cards.listeners import VIEW
from services.cards.state import state_of
from services.cards.views import PATIENT_CARDS
from tests.topics import records_in


async def all_has_arrived(stack: Stack) -> bool:
    """Asked in the order in which events go, so that nothing on its way is overlooked but what comes back to a log."""
    async with open_client(stack.servers.mongo.uri("root")) as client:
        if not await _is_published(client) or not await _is_read(stack) or not await _is_told(stack, client):
            return False
        return await _is_published(client)


async def _is_published(client: AsyncMongoClient[Document]) -> bool:
    waiting = await asyncio.gather(*(unpublished_in(client[database]["events"]) for database in DATABASES))
    return not any(log.events for log in waiting)


async def _is_read(stack: Stack) -> bool:
    """By the groups that somebody reads in; others may have been left behind."""
    async with open_kafka(stack.servers.kafka.access(KAFKA_ADMIN)) as kafka:
        groups = [group for group in await groups_of(kafka, await kafka.group_names()) if group.members]
        extents = await kafka.extents(await kafka.places(topic.name for topic in TOPICS))
        reading = [(group, place) for group in groups for place in extents if place.topic in group.topics()]
        return not any(Lag.of(group, place, extents[place]).lag for group, place in reading)


async def _is_told(stack: Stack, client: AsyncMongoClient[Document]) -> bool:
    """The last word on each card is how it stands, and the feed has begun: it tells old changes again when it does."""
    cards = client["cards"]
    pointer = await cards["projections"].find_one({"_id": VIEW.name})
    if not pointer or not await cards["state_places"].find_one():
        return False
    records = await records_in(stack.servers.kafka.access(KAFKA_ADMIN), [CARDS_STATE])
    told = {record.key: record.value for record in records}
    documents = await cards[PATIENT_CARDS + suffix(pointer["active"])].find().to_list()
    due = {state["key"]: state["value"] for state in map(state_of, documents) if state}
    return all(told.get(key) == value for key, value in due.items())
