"""The settling: what a service keeps beside its log, made right for the streams that were brought back from Kafka.

Reservations and the like are written in the append's own transaction, and come from there alone. `ops log reimport`
notes in `reimported` each stream that it lengthened, with the version that the log knew before, and in `set_aside` the
events that it had to take out for that; it knows no service's keys and rules. The service itself, in its relay's turn
and while the log is sealed, does the rest.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.documents import envelope_of
from eventlog.process import end_if_cancelled
from eventlog.reservations import AlreadyReserved
from eventlog.store import Also, Document, EventStore
from medonline_contracts.envelope import Envelope, Event

log = structlog.get_logger(__name__)

REIMPORTED = "reimported"
SET_ASIDE = "set_aside"
STREAMS_AT_ONCE = 1_000
SETTLED = {"$set": {"settled": True}}

SettleStream = Callable[[str, int], Awaitable[Also]]
"""A stream and the version that it kept of what it knew: what is to be changed beside the log."""
Forget = Callable[[], Awaitable[None]]
GotOn = Callable[[], None]


async def set_aside_of(store: EventStore, stream_id: str) -> list[Envelope[Event]]:
    """What was taken out of the stream, in its order, while what it changed beside the log still stands."""
    found = store.database[SET_ASIDE].find(_not_settled(stream_id)).sort("version")
    return [envelope_of(document) async for document in found]


def _not_settled(stream_id: str) -> Document:
    """The events of the stream that were set aside since it was settled last."""
    return {"stream_id": stream_id, "settled": {"$exists": False}}


class NotYet(Exception):
    """Another stream has to be settled first."""


class Unsettled(Exception):
    """Streams contradict each other, so that what they hold cannot be given to them."""


class Settling:
    """What is done for a log that was sealed. `forget`: let go of what must not come back from a backup."""

    def __init__(
        self, store: EventStore, settle_stream: SettleStream | None = None, forget: Forget | None = None
    ) -> None:
        self._store = store
        self._reimported = store.database[REIMPORTED]
        self._set_aside = store.database[SET_ASIDE]
        self._settle_stream = settle_stream
        self._forget = forget

    async def settle(self, got_on: GotOn = lambda: None) -> None:
        """Do it; after an interruption it goes on. Raises `Unsettled`."""
        if self._forget:
            await self._forget()
        waiting = await self._reimported.find().sort("_id").to_list()  # ids of accounts rise with time
        if waiting:
            log.warning("settling", streams=len(waiting))
        await self._release([stream["_id"] for stream in waiting])
        while waiting:
            left = [stream for stream in waiting if not await self._settle(stream, got_on)]
            if len(left) == len(waiting):
                raise Unsettled(
                    f"{len(left)} reimported streams cannot be settled, {left[0]['_id']} for one: they contradict each "
                    "other. Another start does not help: keep the service stopped and ask its developers, "
                    "docs/operations/doctor.md#ops-log-sealed"
                )
            waiting = left

    async def _release(self, streams: Sequence[str]) -> None:
        """Each takes what it holds now when it is settled; meanwhile none keeps another from that."""
        for start in range(0, len(streams), STREAMS_AT_ONCE):
            some = {"stream_id": {"$in": streams[start : start + STREAMS_AT_ONCE]}}
            await self._store.database["reservations"].delete_many(some)

    async def _settle(self, stream: Document, got_on: GotOn) -> bool:
        end_if_cancelled()
        got_on()
        also = await self._settle_stream(stream["_id"], stream["known"]) if self._settle_stream else None

        async def write(session: AsyncClientSession) -> None:
            await self._reimported.delete_one({"_id": stream["_id"]}, session=session)
            await self._set_aside.update_many(_not_settled(stream["_id"]), SETTLED, session=session)
            if also:
                await also(session)

        try:
            async with self._store.database.client.start_session() as session:
                await session.with_transaction(write)
        except (NotYet, AlreadyReserved):
            return False
        return True
