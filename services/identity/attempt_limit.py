"""Identity, the limit on attempts: how many may be begun and signed from one address, a record and a signature each.

Each is counted before the work is done, atomically, so that those side by side do not get past the limit. Addresses
are known by their keyed hash alone; of IPv6, where everybody has a /64, that network counts as one address.
"""

import hashlib
import hmac
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from eventlog.store import Document
from services.identity.refusals import TooManyAttempts

WITHIN = timedelta(minutes=10)
SIGNED_PER_ATTEMPT = 5  # who goes back, or presses twice, has the way signed again; nobody does so each time


class AttemptLimit:
    """The collection `attempt_counts`: two counters an address, gone when its time is over."""

    def __init__(self, database: AsyncDatabase[Document], hash_key: bytes, most: int) -> None:
        self._counts = database["attempt_counts"]
        self._hash_key = hash_key
        self._most = most

    async def prepare(self) -> None:
        """Create the index; safe to repeat."""
        await self._counts.create_index("until", expireAfterSeconds=0)

    async def count(self, address: str, now: datetime) -> None:
        """Count an attempt in the ten minutes that began with the first of them; raises `TooManyAttempts`."""
        await self._count("address", address, self._most, now)

    async def count_signed(self, address: str, now: datetime) -> None:
        """Count a way to Gosuslugi that is to be signed, five for each attempt allowed; raises `TooManyAttempts`."""
        await self._count("signed", address, self._most * SIGNED_PER_ATTEMPT, now)

    async def _count(self, what: str, address: str, most: int, now: datetime) -> None:
        begun, until = await self._counted(self._counter(what, address), now)
        if begun > most:
            raise TooManyAttempts(until - now)

    async def _counted(self, counter: str, now: datetime) -> tuple[int, datetime]:
        over = {"$lte": [{"$ifNull": ["$until", now]}, now]}
        begun = {"$cond": [over, 1, {"$add": ["$begun", 1]}]}
        until = {"$cond": [over, now + WITHIN, "$until"]}
        while True:
            with suppress(DuplicateKeyError):  # two first ones at once: the other one made the counter
                document = await self._counts.find_one_and_update(
                    {"_id": counter},
                    [{"$set": {"begun": begun, "until": until}}],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
                assert document  # noqa: S101  an upsert finds or makes it
                return document["begun"], document["until"]

    def _counter(self, what: str, address: str) -> str:
        return hmac.new(self._hash_key, f"{what}:{network_of(address)}".encode(), hashlib.sha256).hexdigest()


def network_of(address: str) -> str:
    """What counts as one address; text that is none stands for itself."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped:
        return str(read.ipv4_mapped)
    return str(ip_network((int(read), 64), strict=False))
