"""The log: a service's events in MongoDB, appended under an expected version, read back as envelopes.

One append is atomic, whatever it holds: the events, what they reserve, and the state that changes with them.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, timeout
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern
from structlog.contextvars import bind_contextvars
from uuid_utils import uuid7

from eventlog.documents import document_of, envelope_of
from eventlog.reservations import Reservation, Reservations
from eventlog.seal import Seal
from eventlog.tracing import appending
from medonline_contracts.envelope import Envelope, Event, Origin

APPEND_SECONDS = 5.0

Document = dict[str, Any]
UNPUBLISHED: Document = {"published": False}
Also = Callable[[AsyncClientSession], Awaitable[None]]


class ConcurrencyConflict(Exception):
    """Somebody else appended to the stream first: read it again and decide anew."""


class EventStore:
    """The events of one service; `source` is its name."""

    def __init__(self, database: AsyncDatabase[Document], source: str) -> None:
        self.database = database
        self.events = database["events"]
        self.reservations = Reservations(database)
        self.seal = Seal(database)
        self._name = source
        self._source = f"/medonline/{source}"

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        await self.reservations.prepare()
        await self.events.create_indexes(
            [
                IndexModel([("stream_id", ASCENDING), ("version", ASCENDING)], unique=True),
                IndexModel(
                    [("published", ASCENDING), ("_id", ASCENDING)],
                    name="unpublished_by_age",
                    partialFilterExpression=UNPUBLISHED,
                ),
            ]
        )

    async def read(self, stream_id: str) -> list[Envelope[Event]]:
        """All events of a stream, from version 1 on; an empty list where there is no such stream."""
        # What a failover could take back is nothing to decide on: the next version would leave a hole behind it.
        events = self.events.with_options(read_concern=ReadConcern("majority"))
        cursor = events.find({"stream_id": stream_id}).sort("version", ASCENDING)
        return [envelope_of(document) async for document in cursor]

    async def append(
        self,
        stream_id: str,
        events: Sequence[Event],
        *,
        expected_version: int,
        origin: Origin,
        reserve: Sequence[Reservation] = (),
        release: Sequence[Reservation] = (),
        also: Also | None = None,
    ) -> list[Envelope[Event]]:
        """Append all or nothing.

        Raises `ConcurrencyConflict` where the stream is no longer at `expected_version`, `AlreadyReserved` where
        another stream holds one of the reservations, a PyMongoError after five seconds, or at once where the log is
        sealed. `also` writes state in the same transaction.
        """
        bind_contextvars(stream_id=stream_id)  # for what is logged from here on, the request's own line too
        with appending(self._name, len(events), origin) as origin_here:
            envelopes = self._envelopes(stream_id, expected_version, events, origin_here)

            async def write(session: AsyncClientSession) -> None:
                await self._write(stream_id, envelopes, reserve, release, session)
                if also:
                    await also(session)

            with timeout(APPEND_SECONDS):  # it tries again by itself, otherwise for two minutes
                await self.seal.require_open()
                if len(envelopes) == 1 and not (reserve or release or also):
                    await self._insert(envelopes, None)  # one document is written whole or not at all in any case
                else:
                    async with self.database.client.start_session() as session:
                        await session.with_transaction(write)
        return envelopes

    async def append_within(
        self,
        session: AsyncClientSession,
        stream_id: str,
        events: Sequence[Event],
        *,
        expected_version: int,
        origin: Origin,
        reserve: Sequence[Reservation] = (),
    ) -> None:
        """Append within another stream's append: for its `also`, where both have to happen or neither."""
        with appending(self._name, len(events), origin) as origin_here:
            envelopes = self._envelopes(stream_id, expected_version, events, origin_here)
            await self._write(stream_id, envelopes, reserve, (), session)

    async def _write(
        self,
        stream_id: str,
        envelopes: Sequence[Envelope[Event]],
        reserve: Sequence[Reservation],
        release: Sequence[Reservation],
        session: AsyncClientSession,
    ) -> None:
        if envelopes:
            await self._insert(envelopes, session)
        for reservation in release:
            await self.reservations.release(reservation, stream_id, session)
        for reservation in reserve:
            await self.reservations.take(reservation, stream_id, session)

    def _envelopes(self, stream_id: str, after: int, events: Sequence[Event], origin: Origin) -> list[Envelope[Event]]:
        return [
            Envelope(
                id=str(uuid7()),
                source=self._source,
                stream_id=stream_id,
                version=version,
                time=_now(),
                origin=origin,
                event=event,
            )
            for version, event in enumerate(events, start=after + 1)
        ]

    async def _insert(self, envelopes: Sequence[Envelope[Event]], session: AsyncClientSession | None) -> None:
        try:
            await self.events.insert_many([document_of(envelope) for envelope in envelopes], session=session)
        except BulkWriteError as error:
            if any(failure.get("code") == 11000 for failure in error.details.get("writeErrors", [])):
                raise ConcurrencyConflict(envelopes[0].stream_id) from None
            raise


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # MongoDB keeps milliseconds
