"""Guesses: how many passwords may be tried for a login from an address, from an address, and for a login in all.

So are tries at the current password that the settings ask for, by account: lately, and in a day. How often an account
may set a password is counted here too: every one is hashed, and that is dear.

A try is counted before it is verified, atomically, so that tries side by side do not get past the limit. What is
counted is known by its keyed hash alone, and a login that does not exist is counted like one that does.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from pymongo import ReturnDocument, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from eventlog.store import Document
from services.settings.keyed_hash import KeyedHash


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries within a time that begins with the first of them."""

    tries: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a deployment."""

    login_and_address: Limit = Limit(10, timedelta(minutes=15))
    address: Limit = Limit(100, timedelta(minutes=15))
    login: Limit = Limit(100, timedelta(days=1))
    current_password: Limit = Limit(10, timedelta(minutes=15))
    current_password_in_a_day: Limit = Limit(100, timedelta(days=1))
    new_password: Limit = Limit(10, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that was counted: in `own` counters, which a right password clears, and in `shared`, which it leaves."""

    own: tuple[str, ...]
    shared: tuple[str, ...] = ()


class TooManyGuesses(Exception):
    """Nothing more is tried until `retry_after`."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many guesses")
        self.retry_after = retry_after


class Guesses:
    """The collection `guesses`: one counter a document, gone when its time is over."""

    def __init__(self, database: AsyncDatabase[Document], keyed_hash: KeyedHash, limits: Limits) -> None:
        # A counter need not outlive the failure of a server; to wait for its journal would be most of a sign-in's time.
        self._guesses = database.get_collection("guesses", write_concern=WriteConcern(1))
        self._hash = keyed_hash
        self._limits = limits

    async def prepare(self) -> None:
        """Create the index; safe to repeat."""
        await self._guesses.create_index("until", expireAfterSeconds=0)

    async def count_sign_in(self, logins: Sequence[str], address: str, now: datetime) -> Counted:
        """Count a try for these logins (keyed hashes of all that the typed text can mean); raises `TooManyGuesses`.

        What one address is refused is not counted against the login: its owner, elsewhere, still signs in.
        """
        home = home_of(address)
        pairs = tuple(self._hash.digest("login and address", login, home) for login in logins)
        everywhere = tuple(self._hash.digest("login", login) for login in logins)
        of_address = self._hash.digest("address", home)
        await self._count(pairs, self._limits.login_and_address, now)
        await self._count((of_address,), self._limits.address, now)
        await self._count(everywhere, self._limits.login, now)
        return Counted(pairs, (of_address, *everywhere))

    async def count_current_password(self, account_id: str, now: datetime) -> Counted:
        """Count a try at the current password of an account that is signed in; raises `TooManyGuesses`.

        As for a login, a right one clears the short limit alone: its owner, who saves and saves, makes no room for the
        guesses of whoever holds a session too.
        """
        lately = self._hash.digest("current password", account_id)
        in_a_day = self._hash.digest("current password in a day", account_id)
        await self._count((lately,), self._limits.current_password, now)
        await self._count((in_a_day,), self._limits.current_password_in_a_day, now)
        return Counted((lately,), (in_a_day,))

    async def count_new_password(self, account_id: str, now: datetime) -> Counted:
        """Count a password that this account sets, however well it proved who asks; raises `TooManyGuesses`."""
        counter = self._hash.digest("new password", account_id)
        await self._count((counter,), self._limits.new_password, now)
        return Counted((counter,))

    async def was_right(self, counted: Counted) -> None:
        """The password was right: the tries before it are forgotten, and this one was no guess."""
        await self._guesses.delete_many({"_id": {"$in": list(counted.own)}})
        await self._uncount(counted.shared)

    async def was_not_verified(self, counted: Counted) -> None:
        """The password was not looked at: as if it had not been tried."""
        await self._uncount((*counted.own, *counted.shared))

    async def _count(self, counters: Sequence[str], limit: Limit, now: datetime) -> None:
        for counter in counters:
            tries, until = await self._counted(counter, limit, now)
            if tries > limit.tries:
                raise TooManyGuesses(
                    min(until - now, limit.within)
                )  # one side by side may have begun it a moment later

    async def _counted(self, counter: str, limit: Limit, now: datetime) -> tuple[int, datetime]:
        over = {"$lte": [{"$ifNull": ["$until", now]}, now]}
        tries = {"$cond": [over, 1, {"$add": ["$tries", 1]}]}
        until = {"$cond": [over, now + limit.within, "$until"]}
        while True:
            with suppress(DuplicateKeyError):  # two first tries at once: the other one made the counter
                document = await self._guesses.find_one_and_update(
                    {"_id": counter},
                    [{"$set": {"tries": tries, "until": until}}],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
                assert document  # noqa: S101  an upsert finds or makes it
                return document["tries"], document["until"]

    async def _uncount(self, counters: Sequence[str]) -> None:
        await self._guesses.update_many({"_id": {"$in": list(counters)}, "tries": {"$gt": 0}}, {"$inc": {"tries": -1}})


def home_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64 network, all of which a single household or server has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip.packed, 64), strict=False))
