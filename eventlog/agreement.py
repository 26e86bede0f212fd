"""The agreement of a topic with its log: looked into whenever a relay gets its turn, before it publishes anything.

How far the topic was written is kept in `relay_places`. What stands behind that place and is in the log was published
before a crash: it is marked so and not sent again. What the log does not know was written by a log that was newer than
this one, before a backup was restored: then nothing is published and nothing appended until it is brought back.
"""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

import structlog
from aiokafka.structs import RecordMetadata
from pymongo.errors import DuplicateKeyError

from eventlog.access import KafkaAccess
from eventlog.measures import REFUSES
from eventlog.seal import PLACES, Seal
from eventlog.settling import GotOn, Settling, Unsettled
from eventlog.store import Document, EventStore
from eventlog.supervisor import NEVER
from eventlog.tail import Compared, Offsets, Tail, TopicBehind, compare, open_tail, starts_of
from medonline_contracts.topics import Topic

log = structlog.get_logger(__name__)

REFUSED_SECONDS = 30.0  # relays that all refuse take turns faster than that, so that one of them always says so
KEPT_EVERY_SECONDS = 1.0  # what was written since is looked at again when the next turn begins


class TopicAhead(Exception):
    """The topic holds events that the log does not know: it is older than it was, or somebody else wrote them."""


class PlaceLost(Exception):
    """The place is not the one that was kept: another relay has its turn, or the database was restored meanwhile."""


class Agreement:
    """What one relay knows of its topic; `settling` makes right what the log's service keeps beside it.

    `refuses` says for readiness that looking back ended in a refusal: each further look gets on, and nothing goes on.
    """

    def __init__(self, store: EventStore, topic: Topic, kafka: KafkaAccess) -> None:
        self.topic = topic
        self._events = store.events
        self._kafka = kafka
        self.settling = Settling(store)
        self.refuses = False
        self._places = store.database[PLACES]
        self._seal = Seal(store.database)
        self._next: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._kept_at = NEVER
        self._refused_at = NEVER

    async def require(self, got_on: GotOn = lambda: None) -> None:
        """Look into it, saying when it gets on.

        Raises `TopicAhead`, for which the log is sealed, `TopicBehind`, or `Unsettled`, for which it stays sealed; and
        `PlaceLost` where somebody sealed it meanwhile.
        """
        try:
            await self._reach(got_on)
        except (TopicAhead, TopicBehind, Unsettled) as refusal:
            self._refused_at = time.monotonic()
            self._show(refuses=True)
            log.critical("relay_refuses", topic=self.topic.name, reason=str(refusal))
            if isinstance(refusal, TopicAhead):
                await self._seal.close(self.topic.name, str(refusal))
            raise
        self._show(refuses=False)

    async def holds(self) -> bool:
        """Whether the log is open and knows all that its topic holds: asked beside the relay, in any process."""
        place = await self._places.find_one({"_id": self.topic.name}) or {}
        if "sealed" in place:
            return False
        try:
            async with open_tail(self._kafka, self.topic) as tail:
                async for _ in self._look_back(tail, place, await tail.ends()):
                    pass
        except (TopicAhead, TopicBehind):
            return False
        return True

    def is_anothers(self) -> None:
        """The turn is another relay's now: soon what this one refused is that one's to say, who may have got on."""
        if time.monotonic() - self._refused_at > REFUSED_SECONDS:
            self._show(refuses=False)

    async def wrote(self, sent: Iterable[RecordMetadata]) -> None:
        """The topic was written further, and the log's events are marked. Raises `PlaceLost`."""
        for record in sent:
            number = str(record.partition)
            self._next[number] = max(self._next.get(number, 0), record.offset + 1)
        await self.keep_place()

    async def keep_place(self) -> None:
        """Write down how far the topic is written now, once a second at most. Raises `PlaceLost`."""
        if self._next == self._kept or time.monotonic() - self._kept_at < KEPT_EVERY_SECONDS:
            return
        as_kept = {"_id": self.topic.name, "next": self._kept}
        if not (await self._places.update_one(as_kept, {"$set": {"next": self._next}})).matched_count:
            raise PlaceLost(f"{self.topic.name}: somebody else wrote down how far it was written")
        self._was_kept()

    async def _reach(self, got_on: GotOn) -> None:
        """Come to the end of the topic, beginning where it was reached before. Raises `PlaceLost`."""
        found = await self._places.find_one({"_id": self.topic.name})
        place = found or {}
        async with open_tail(self._kafka, self.topic) as tail:
            ends = await tail.ends()
            async for compared in self._look_back(tail, place, ends):
                if compared.unmarked:
                    marked = {"$set": {"published": True}}
                    await self._events.update_many({"_id": {"$in": compared.unmarked}}, marked)
                got_on()
        if "sealed" in place:
            await self.settling.settle(got_on)
        self._next = {str(number): end for number, end in ends.items()}
        await self._open(found)
        self._was_kept()

    async def _open(self, found: Document | None) -> None:
        """Write down how far the topic is written, and open the log, unless that was sealed since the place was found.

        What was sealed for then is not settled yet. Raises `PlaceLost`.
        """
        name = {"_id": self.topic.name}
        if found is None:
            with suppress(DuplicateKeyError):
                await self._places.insert_one(name | {"next": self._next})
                return
        else:
            as_found = name | {key: found.get(key, {"$exists": False}) for key in ("next", "sealed")}
            opened = {"$set": {"next": self._next}, "$unset": {"sealed": ""}}
            if (await self._places.update_one(as_found, opened)).matched_count:
                return
        raise PlaceLost(f"{self.topic.name}: somebody else sealed its log or wrote down how far it was written")

    async def _look_back(self, tail: Tail, place: Document, ends: Offsets) -> AsyncIterator[Compared]:
        """What stands between the place and these ends, held against the log. Raises `TopicAhead`, `TopicBehind`."""
        starts = starts_of(self.topic, place.get("next", {}), await tail.firsts(), ends)
        async for records in tail.batches(starts, ends):
            compared = await compare(self.topic, self._events, records)
            if refusal := compared.refusal():
                raise TopicAhead(refusal)
            yield compared

    def _show(self, *, refuses: bool) -> None:
        self.refuses = refuses
        REFUSES.labels(self.topic.name).set(refuses)

    def _was_kept(self) -> None:
        self._kept, self._kept_at = dict(self._next), time.monotonic()
