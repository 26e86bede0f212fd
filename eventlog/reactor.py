"""The reactor: an event of another service makes this one append events of its own, once and in version order.

Append, state change and the reactor's place in the source stream move in one transaction. An event that arrives
before its predecessor waits in MongoDB until that one has come. A rebuild never runs reactions.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from structlog.contextvars import bound_contextvars

from eventlog.documents import document_of, envelope_of
from eventlog.process import end_if_cancelled
from eventlog.store import Also, ConcurrencyConflict, Document, EventStore
from eventlog.tracing import reacting
from medonline_contracts.envelope import Envelope, Event, Origin


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an event leads to: events appended to a stream at its expected version, and state changed with them."""

    stream_id: str
    expected_version: int
    events: Sequence[Event] = ()
    also: Also | None = None


React = Callable[[Envelope[Event]], Awaitable[Reaction]]


class _Overtaken(Exception):
    """Another member of the group reacted to this event first."""


class Reactor:
    """Reacts to one other service's streams; `name` tells its places apart from other reactors'."""

    def __init__(self, store: EventStore, name: str, react: React) -> None:
        self._store = store
        self._name = name
        self._react = react
        self._places = store.database["reactor_places"]
        self._waiting = store.database["reactor_waiting"]

    async def apply(self, envelopes: Iterable[Envelope[Event]]) -> None:
        """React to each event that is its stream's next, keep those that came early, pass over those already done."""
        for envelope in envelopes:
            end_if_cancelled()
            done = await self._place(envelope.stream_id)
            if envelope.version > done + 1:
                await self._keep_waiting(envelope.stream_id, envelope.version, document_of(envelope))
                continue
            if envelope.version == done + 1:
                await self._react_once(envelope)
            # Also behind an event that was done before: a crash may have come between the two.
            await self._react_to_waiting(envelope.stream_id, max(done, envelope.version))

    async def skip(self, stream_id: str, version: int) -> None:
        """An operator dropped this event: nothing follows from it, and what came after it goes on in its turn.

        Where this one was done it is the next that failed, having come too early: that one is passed over.
        """
        done = await self._place(stream_id)
        if version > done:
            await self._keep_waiting(stream_id, version, None)
        else:
            await self._waiting.update_one({"_id": self._key(stream_id, done + 1)}, {"$set": {"event": None}})
        await self._react_to_waiting(stream_id, done)

    async def _react_to_waiting(self, stream_id: str, done: int) -> None:
        while document := await self._waiting.find_one({"_id": self._key(stream_id, done + 1)}):
            end_if_cancelled()
            if document["event"]:
                await self._react_once(envelope_of(document["event"]))
            else:
                await self._pass_over(stream_id, done + 1)
            done += 1
        await self._waiting.delete_many({"reactor": self._name, "stream_id": stream_id, "version": {"$lte": done}})

    async def _react_once(self, envelope: Envelope[Event]) -> None:
        with reacting(self._name, envelope.origin), bound_contextvars(stream_id=envelope.stream_id):
            await self._react_until_done(envelope)

    async def _react_until_done(self, envelope: Envelope[Event]) -> None:
        origin = Origin(envelope.origin.correlation_id, envelope.id, envelope.origin.traceparent)
        while True:
            end_if_cancelled()
            reaction = await self._react(envelope)
            try:
                await self._store.append(
                    reaction.stream_id,
                    reaction.events,
                    expected_version=reaction.expected_version,
                    origin=origin,
                    also=self._and_move_on(envelope, reaction),
                )
            except ConcurrencyConflict:
                continue
            except _Overtaken:
                return
            return

    def _and_move_on(self, envelope: Envelope[Event], reaction: Reaction) -> Also:
        async def write(session: AsyncClientSession) -> None:
            if reaction.also:
                await reaction.also(session)
            await self._move_on(envelope.stream_id, envelope.version, session)

        return write

    async def _pass_over(self, stream_id: str, version: int) -> None:
        with suppress(_Overtaken):
            await self._move_on(stream_id, version, None)

    async def _move_on(self, stream_id: str, version: int, session: AsyncClientSession | None) -> None:
        first = version == 1
        before = {"_id": self._key(stream_id), "version": version - 1}
        after = {"$set": {"version": version}}
        try:
            moved = await self._places.update_one(before, after, upsert=first, session=session)
        except DuplicateKeyError:
            raise _Overtaken from None
        if not (first or moved.matched_count):
            raise _Overtaken

    async def _place(self, stream_id: str) -> int:
        found = await self._places.find_one({"_id": self._key(stream_id)})
        return int(found["version"]) if found else 0

    async def _keep_waiting(self, stream_id: str, version: int, event: Document | None) -> None:
        document = {"reactor": self._name, "stream_id": stream_id, "version": version, "event": event}
        await self._waiting.update_one({"_id": self._key(stream_id, version)}, {"$setOnInsert": document}, upsert=True)

    async def prepare(self) -> None:
        """Create the index; safe to repeat."""
        await self._waiting.create_index([("reactor", ASCENDING), ("stream_id", ASCENDING), ("version", ASCENDING)])

    def _key(self, *parts: object) -> str:
        return ":".join(map(str, (self._name, *parts)))
