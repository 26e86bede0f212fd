"""The lease: one process at a time does a piece of work; whoever holds it says so again and again.

Time is MongoDB's own (`$$NOW`), so that clocks need not agree. A lease only avoids needless work side by side: what
must never happen twice is guarded where it is written.
"""

import time
from contextlib import suppress
from uuid import uuid4

from pymongo import timeout
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from eventlog.store import Document

FRESH_SHARE = 0.4


class Lease:
    """The right to do the work called `name`, for `seconds` after it was last acquired."""

    def __init__(self, database: AsyncDatabase[Document], name: str, seconds: float = 5.0) -> None:
        self._leases = database["leases"]
        self.name = name
        self._owner = str(uuid4())
        self._milliseconds = int(seconds * 1000)
        self._acquired_at = float("-inf")

    def is_fresh(self) -> bool:
        """Whether it was acquired so lately that it need not be asked for again."""
        return (time.monotonic() - self._acquired_at) * 1000 < self._milliseconds * FRESH_SHARE

    async def acquire(self) -> bool:
        """Take the lease or prolong it; False while another holds it."""
        asked_at = time.monotonic()
        if acquired := await self._acquire():
            self._acquired_at = asked_at
        return acquired

    async def _acquire(self) -> bool:
        held = [{"$set": {"owner": self._owner, "until": {"$add": ["$$NOW", self._milliseconds]}}}]
        over = {"$expr": {"$lt": ["$until", "$$NOW"]}}
        impossible = {"$expr": {"$gt": ["$until", {"$add": ["$$NOW", self._milliseconds]}]}}  # the clock was set back
        mine_or_over = {"$or": [{"owner": self._owner}, over, impossible]}
        if (await self._leases.update_one({"_id": self.name, **mine_or_over}, held)).matched_count:
            return True
        try:
            await self._leases.update_one({"_id": self.name, "owner": self._owner}, held, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def release(self) -> None:
        """Give the lease back, so that a successor need not wait."""
        self._acquired_at = float("-inf")
        with suppress(PyMongoError), timeout(1):
            await self._leases.delete_one({"_id": self.name, "owner": self._owner})
