"""The places of an account's relatives' cards: how many it keeps, counted in the transaction that adds or erases one.

The view lags behind the log, so what it shows would let through many cards that are added at once.
"""

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from eventlog.store import Also, Document
from services.cards.domain import PatientCard
from services.cards.limits import MOST_RELATIVES


class NoPlace(Exception):
    """All places are taken, or somebody took the account's first one at the same moment."""


class CardPlaces:
    """One document for each account with relatives' cards: how many they are."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._places = database["card_places"]

    def following(self, before: PatientCard | None, after: PatientCard) -> Also | None:
        """What is to be written with a change of the card: it takes a place, gives one back, or (nothing) neither.

        What is to be written raises `NoPlace`.
        """
        taken = after.takes_a_place - bool(before and before.takes_a_place)
        if not taken:
            return None

        async def write(session: AsyncClientSession) -> None:
            if taken > 0:
                await self._take(after.account_id, session)
            else:
                await self._places.update_one({"_id": after.account_id}, {"$inc": {"taken": -1}}, session=session)

        return write

    async def all_taken(self, account_id: str) -> bool:
        """Whether the account keeps as many relatives' cards as it may."""
        return await self._places.find_one({"_id": account_id, "taken": {"$gte": MOST_RELATIVES}}) is not None

    async def _take(self, account_id: str, session: AsyncClientSession) -> None:
        free = {"_id": account_id, "taken": {"$lt": MOST_RELATIVES}}
        try:
            await self._places.update_one(free, {"$inc": {"taken": 1}}, upsert=True, session=session)
        except DuplicateKeyError:
            raise NoPlace from None
