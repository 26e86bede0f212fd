"""The seal: a log that its topic is ahead of takes no new events, in whichever process of the service they come.

Their versions have been given out once already: everybody who reads the topic would pass the new events over. Nor does
it let anybody in by password: one that was changed since the backup would open the account again. Kept in
`relay_places`, the document of the relay's places: whoever finds out seals it, and the relay opens it again.
"""

import time
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

PLACES = "relay_places"
LOOK_SECONDS = 1.0


class LogSealed(AutoReconnect):
    """Nothing is appended and no password opens until an operator has brought back what the log lacks: ask later."""


class Seal:
    """Whether the log of this database takes new events, and its service passwords."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._places = database[PLACES]
        self._found_open_at = float("-inf")

    async def require_open(self) -> None:
        """Raise `LogSealed` while it is sealed; looked up once a second at most.

        An answer counts from when it was asked for, however long it was under way: whoever seals waits for so long.
        """
        asked_at = time.monotonic()
        if asked_at - self._found_open_at < LOOK_SECONDS:
            return
        if sealed := await self._places.find_one({"sealed": {"$exists": True}}):
            raise LogSealed(sealed["sealed"])
        self._found_open_at = asked_at

    async def close(self, topic: str, reason: str) -> None:
        """Seal the log; where it is sealed already the first reason stands."""
        first = {"$ifNull": ["$sealed", {"$literal": reason}]}
        await self._places.update_one({"_id": topic}, [{"$set": {"sealed": first}}], upsert=True)
