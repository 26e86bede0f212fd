"""The erasures to come: which removed card is to be erased when, kept in step with the log by the same transactions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client import Gauge
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.measures import UNKNOWN
from eventlog.store import Also, Document
from services.cards.domain import PatientCard
from services.cards.retention import RESTORABLE_FOR

AT_ONCE = 100
PUT_OFF_BY = timedelta(hours=1)
OVERDUE = Gauge("erasures_overdue_seconds", "For how long a removed card ought to be erased that is not")
OVERDUE.set(UNKNOWN)


class Erasures:
    """One document for each removed card, until it is restored or erased."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._erasures = database["erasures"]

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        await self._erasures.create_index([("due_at", ASCENDING)])
        await self._erasures.create_index([("owed_since", ASCENDING)], sparse=True)

    def following(self, card_id: str, before: PatientCard | None, after: PatientCard) -> Also | None:
        """What is to be written with a change of the card; nothing where it was and is not removed."""
        return self.as_it_is(card_id, after) if after.removed or (before and before.removed) else None

    def as_it_is(self, card_id: str, card: PatientCard) -> Also:
        """What is to be written of a card as it is, whatever stood there before."""
        due: Document | None = None
        if card.removed and card.removed_at and not card.erased:
            due = {"account_id": card.account_id, "due_at": card.removed_at + RESTORABLE_FOR}

        async def write(session: AsyncClientSession) -> None:
            if due:
                await self._erasures.replace_one({"_id": card_id}, due, upsert=True, session=session)
            else:
                await self._erasures.delete_one({"_id": card_id}, session=session)

        return write

    async def due(self, now: datetime) -> Sequence[tuple[str, str]]:
        """The cards whose time is over, with their accounts: those that have waited longest."""
        found = self._erasures.find({"due_at": {"$lt": now}}).sort("due_at", ASCENDING).limit(AT_ONCE)
        return [(document["_id"], document["account_id"]) async for document in found]

    async def put_off(self, card_id: str, now: datetime) -> None:
        """Let a card that could not be erased wait for an hour; one that is no longer due stays as it is.

        `owed_since` keeps when it was due at first: operators are told how long an erasure is overdue.
        """
        later = {"due_at": now + PUT_OFF_BY, "owed_since": {"$ifNull": ["$owed_since", "$due_at"]}}
        await self._erasures.update_one({"_id": card_id, "due_at": {"$lt": now}}, [{"$set": later}])

    async def overdue_seconds(self, now: datetime) -> float:
        """For how long the longest overdue erasure has been due; 0 where none is."""
        since = await self.overdue_since(now)
        return (now - since).total_seconds() if since else 0

    async def overdue_since(self, now: datetime) -> datetime | None:
        """Since when the longest overdue erasure has been due; null where none is."""
        overdue = {"$or": [{"owed_since": {"$exists": True}}, {"due_at": {"$lt": now}}]}
        oldest: list[Document] = [
            {"$match": overdue},
            {"$group": {"_id": None, "at": {"$min": {"$ifNull": ["$owed_since", "$due_at"]}}}},
        ]
        async for found in await self._erasures.aggregate(oldest):
            at: datetime = found["at"]
            return at
        return None
