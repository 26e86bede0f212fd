"""Passwords: hashed with Argon2id in a few threads of their own, kept as state beside the log, never in an event.

OWASP's Password Storage Cheat Sheet gives the parameters: 19 MiB, two passes, one lane (about 35 ms of a processor).
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError
from prometheus_client import Counter, Gauge, Histogram
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Also, Document

WORKERS = 2
MOST_WAITING = 32
NICENESS = 10
WAITING = Gauge("password_hash_waiting", "Passwords that wait for a thread to hash them")
SECONDS = Histogram(
    "password_hash_seconds",
    "Time until a password was hashed, the waiting included",
    buckets=(0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
)
REFUSED = Counter("password_hash_refused_total", "Passwords that found no room to wait in")
T = TypeVar("T")


class Busy(Exception):
    """More passwords wait to be hashed than would be answered in time."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The password of an account: its Argon2id hash, in PHC's format, and its version."""

    account_id: str
    hash: str
    version: int


def argon2id() -> PasswordHasher:
    """The hash that passwords have now; one with other parameters is replaced when its owner next signs in."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


class Passwords:
    """The collection `credentials` and the threads that hash; call `close` at the end."""

    def __init__(
        self, database: AsyncDatabase[Document], hasher: PasswordHasher, most_waiting: int = MOST_WAITING
    ) -> None:
        self._credentials = database["credentials"]
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(WORKERS, "argon2")
        self._most_waiting = most_waiting
        self._room = WORKERS + most_waiting
        self._of_nobody = self._begin()

    async def check(self, account_id: str | None, password: str) -> Credential | None:
        """The account's credential where this is its password.

        Without an account, or without a password, one verification runs all the same: the time tells nothing.
        Raises `Busy`.
        """
        found = await self._credentials.find_one({"_id": account_id})
        stored = found["hash"] if found else self._of_nobody
        if not await self._in_thread(lambda: self._verifies(stored, password)) or not found or not account_id:
            return None
        credential = Credential(account_id, stored, found["version"])
        if self._hasher.check_needs_rehash(stored):
            await self._replace_hash(credential, password)
        return credential

    async def hash(self, password: str) -> str:
        """The hash to keep; raises `Busy`."""
        return await self._in_thread(lambda: self._hasher.hash(password))

    def keeping(self, credential: Credential, now: datetime) -> Also:
        """Makes the credential the account's, in the transaction that appends its `PasswordSet`."""

        async def write(session: AsyncClientSession) -> None:
            kept = {"hash": credential.hash, "version": credential.version, "set_at": now}
            await self._credentials.update_one(
                {"_id": credential.account_id}, {"$set": kept}, upsert=True, session=session
            )

        return write

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> str:
        """Let each thread hash once, so that the memory it needs for that is taken now; then it gives way.

        The hash is nobody's.
        """
        all_there = Barrier(WORKERS)

        def first(_: int) -> str:
            all_there.wait()
            for _ in range(2):  # malloc keeps a block of this size only from the second one on (mallopt(3))
                hashed = self._hasher.hash("nobody")
            os.nice(NICENESS)  # on Linux each thread has its own: a flood of sign-ins slows no page beside it
            return hashed

        of_nobody, *_ = self._threads.map(first, range(WORKERS))
        return of_nobody

    async def _replace_hash(self, credential: Credential, password: str) -> None:
        as_checked = {"_id": credential.account_id, "version": credential.version, "hash": credential.hash}
        with suppress(Busy):  # next time, then
            await self._credentials.update_one(as_checked, {"$set": {"hash": await self.hash(password)}})

    def _verifies(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password.encode(errors="surrogatepass"))
        except VerificationError:
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._room <= 0:
            REFUSED.inc()
            raise Busy
        self._change_room(-1)
        try:
            with SECONDS.time():
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._change_room(+1)

    def _change_room(self, by: int) -> None:
        self._room += by
        WAITING.set(max(0, self._most_waiting - self._room))
