"""The state feed: a compacted topic that holds, for each document of a view, how it stands now, or that it is gone.

It follows the change stream of the view that is read, in this process's turn, as the relay does. There is one writer,
and after every change of a document it tells how that document stands: the last word on a key is never a stale one.
Where its place in the change stream is lost, or another generation is read, everything is said again, once the view
has read what its own topics hold: of a view restored from a backup old words would be told as new ones. A group's
offsets survive that in Kafka; so nothing at all is told before the log knows what its own topic holds, and is open.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from eventlog.access import KafkaAccess
from eventlog.changes import Change, StreamEnded, Token, changes_of
from eventlog.lease import Lease
from eventlog.measures import PUBLISHED
from eventlog.projection import Views
from eventlog.store import Document
from eventlog.tracing import telling
from eventlog.turn import Turn, producer_of
from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

RECORDS_AT_ONCE = 1000
POLL_MILLISECONDS = 500
CATCH_UP_SECONDS = 0.2
AGREE_SECONDS = 2.0
MAJORITY = ReadConcern("majority")
PLACE_LOST = frozenset({136, 260, 280, 286})  # the oplog no longer reaches back to the resume token, or it is not ours

Record = Mapping[str, Any]
StateOf = Callable[[Document], Record | None]
"""A document as a Kafka record (key, value, headers); a null value says that it is gone; None: not yet to be told."""
Agrees = Callable[[], Awaitable[bool]]
"""Whether the log that the view comes from knows all that its topic holds, and is open."""


class StateFeed:
    """Keeps `topic` saying how the documents of `collection` stand."""

    def __init__(
        self, views: Views, collection: str, topic: Topic, kafka: KafkaAccess, state_of: StateOf, agrees: Agrees
    ) -> None:
        self.name = f"state.{topic.name}"
        self._views = views
        self._collection = collection
        self._topic = topic
        self._kafka = kafka
        self._state_of = state_of
        self._agrees = agrees
        self._places = views.database["state_places"]
        self._turn = Turn(Lease(views.database, self.name), lambda: producer_of(kafka, topic))

    @property
    def last_turn(self) -> float:
        """When it last got on, in monotonic seconds."""
        return self._turn.last_turn

    async def run(self) -> None:
        """One life: follow for as long as it is this process's turn."""
        await self._turn.run(self._follow)

    async def _follow(self, producer: AIOKafkaProducer) -> None:
        while await self._agreed():
            await self._views.refresh()
            generation = self._views.active or 1
            collection = self._views.generation(generation)[self._collection].with_options(read_concern=MAJORITY)
            place = await self._places.find_one({"_id": self._topic.name, "generation": generation})
            try:
                async with changes_of(collection, place and place["token"]) as changes:
                    if not place:
                        if not await self._catches_up(generation) or not await self._tell_all(producer, collection):
                            return
                        await self._keep_place(generation, changes.start)
                    while await self._turn.lasts() and self._views.active == generation:
                        if taken := await changes.take():
                            with telling(self._topic.name, len(taken)):
                                await self._tell(producer, collection, taken)
                            await self._keep_place(generation, taken[-1].token)
                        self._turn.got_on()
                        await self._views.refresh()
            except (OperationFailure, StreamEnded) as error:
                if isinstance(error, OperationFailure) and error.code not in PLACE_LOST:
                    raise
                log.warning("state_feed_lost_its_place", topic=self._topic.name, error=type(error).__name__)
                await self._places.delete_one({"_id": self._topic.name})

    async def _tell(
        self, producer: AIOKafkaProducer, collection: AsyncCollection[Document], changes: Sequence[Change]
    ) -> None:
        """Tell how they stand now: how they stood at the change may have been told already, and more after it."""
        keys = list(dict.fromkeys(change.id for change in changes))
        documents = {document["_id"]: document async for document in collection.find({"_id": {"$in": keys}})}
        await self._send(producer, [self._record_of(key, documents.get(key)) for key in keys])

    async def _agreed(self) -> bool:
        """Wait until the log agrees with its topic, of which the relay tells; False where the turn ended."""
        while await self._turn.lasts():
            if await self._agrees():
                return True
            self._turn.got_on()
            await asyncio.sleep(AGREE_SECONDS)
        return False

    async def _catches_up(self, generation: int) -> bool:
        """Wait until the generation has read what its topics hold now; False where the turn ended in between."""
        group, topics = self._views.generation(generation).group, self._views.projection.topics
        consumer = AIOKafkaConsumer(
            **self._kafka.options(), group_id=group, enable_auto_commit=False, isolation_level="read_committed"
        )
        await consumer.start()  # it asks how far the group has come, and is no member
        try:
            ends = await consumer.end_offsets([TopicPartition(t.name, n) for t in topics for n in range(t.partitions)])
            while await self._turn.lasts():
                if all([(await consumer.committed(place) or 0) >= end for place, end in ends.items()]):
                    return True
                self._turn.got_on()
                await asyncio.sleep(CATCH_UP_SECONDS)
        finally:
            await consumer.stop()
        return False

    async def _tell_all(self, producer: AIOKafkaProducer, collection: AsyncCollection[Document]) -> bool:
        """Tell how every document stands, and of those that are in the topic alone that they are gone.

        False where the turn ended in between.
        """
        gone = await self._keys_in_topic()
        batch: list[Record | None] = []
        async for document in collection.find().sort("_id"):
            gone.discard(document["_id"])
            batch.append(self._record_of(document["_id"], document))
            if len(batch) >= RECORDS_AT_ONCE:
                if not await self._turn.lasts():
                    return False
                await self._send(producer, batch)
                self._turn.got_on()
                batch.clear()
        await self._send(producer, [*batch, *(self._record_of(key, None) for key in gone)])
        return True

    async def _keys_in_topic(self) -> set[str]:
        keys: set[str] = set()
        consumer = AIOKafkaConsumer(**self._kafka.options(), isolation_level="read_committed")
        await consumer.start()
        try:
            places = [TopicPartition(self._topic.name, number) for number in range(self._topic.partitions)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
                    keys |= {record.key.decode() for record in records if record.value is not None}
                self._turn.got_on()
        finally:
            await consumer.stop()
        return keys

    def _record_of(self, key: str, document: Document | None) -> Record | None:
        if document is None:
            return {"key": key.encode(), "value": None, "headers": []}
        try:
            return self._state_of(document)
        except Exception as error:  # to pass it over would leave a stale word: the feed halts, and names it
            log.error("state_cannot_be_told", topic=self._topic.name, stream_id=key, error=type(error).__name__)
            raise

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Record | None]) -> None:
        if tellable := [record for record in records if record]:
            async with producer.transaction():
                for sent in [await producer.send(self._topic.name, **record) for record in tellable]:
                    await sent
            PUBLISHED.labels(self._topic.name).inc(len(tellable))

    async def _keep_place(self, generation: int | None, token: Token | None) -> None:
        place = {"generation": generation, "token": token}
        await self._places.update_one({"_id": self._topic.name}, {"$set": place}, upsert=True)
