"""The reservations: what must be unique across a log's streams belongs to one of them, from append to append.

They are taken and released in the append's own transaction, under a unique index, so that of many at once one gets it.
"""

from dataclasses import dataclass
from typing import Any, cast

from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError


class AlreadyReserved(Exception):
    """What had to be unique belongs to another stream."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A value that one stream alone may hold, for example a Gosuslugi account: `digest` is its keyed hash."""

    kind: str
    digest: str

    @property
    def id(self) -> str:
        """Under what it is kept."""
        return f"{self.kind}:{self.digest}"


class Reservations:
    """What the streams of one log hold."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._reservations = database["reservations"]

    async def prepare(self) -> None:
        """Create the index by which all that a stream holds is found; safe to repeat."""
        await self._reservations.create_index([("stream_id", ASCENDING)])

    async def holder_of(self, reservation: Reservation) -> str | None:
        """The stream that holds the reservation."""
        found = await self._reservations.find_one({"_id": reservation.id})
        return cast(str, found["stream_id"]) if found else None

    async def take(self, reservation: Reservation, stream_id: str, session: AsyncClientSession) -> None:
        """Let the stream hold it, which it may do already. Raises `AlreadyReserved` where another one does."""
        try:
            await self._reservations.update_one(
                {"_id": reservation.id, "stream_id": stream_id},
                {"$setOnInsert": {"kind": reservation.kind}},
                upsert=True,
                session=session,
            )
        except DuplicateKeyError:
            raise AlreadyReserved(reservation.kind) from None

    async def release(self, reservation: Reservation, stream_id: str, session: AsyncClientSession) -> None:
        """Let the stream hold it no longer; what another one holds stays there."""
        await self._reservations.delete_one({"_id": reservation.id, "stream_id": stream_id}, session=session)
