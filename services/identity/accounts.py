"""Identity, the accounts: finds whose account a person has, decides on its stream, and appends what was decided.

An account is found by ЕСИА's oid, then by a СНИЛС that Gosuslugi confirmed; both are reserved as keyed hashes, so that
a person has one account however many browsers register at once. Name and birth date never link.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from uuid_utils import uuid7

from eventlog.reservations import AlreadyReserved, Reservation
from eventlog.store import Also, ConcurrencyConflict, EventStore
from medonline_contracts.envelope import Origin
from medonline_contracts.identity import EsiaAuthenticated, IdentityEvent
from medonline_contracts.person import EsiaPerson
from services.identity.domain import (
    Account,
    GiveConsent,
    Register,
    SignIn,
    decide,
    evolve,
    fold,
    require_admissible,
)
from services.identity.refusals import NotRegistered

ATTEMPTS = 20  # every lost race means that somebody else has won: this many in a row do not happen


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a person is recognised by."""

    oid: Reservation
    snils: Reservation | None


class Accounts:
    """The accounts of one identity service; `hash_key` keys the hashes of what is reserved."""

    def __init__(self, store: EventStore, hash_key: bytes) -> None:
        self._store = store
        self._hash_key = hash_key

    async def load(self, account_id: str) -> Account:
        """The account as it is now; one of version 0 where there is none."""
        envelopes = await self._store.read(account_id)
        return fold(account_id, (envelope.event for envelope in envelopes))

    async def admit(
        self, command: Register | SignIn, now: datetime, origin: Origin, also: Callable[[Account, Account], Also]
    ) -> tuple[Account, Account]:
        """Register the person, or let them in where they have an account already; the account before and after.

        `also` gets the account before and after and writes in the append's own transaction. Raises a `Refusal`.
        """
        require_admissible(command.authentication, command.minimum_age, now)
        keys = self._keys(command.authentication.person, trusted=command.authentication.trusted)
        for _ in range(ATTEMPTS):
            before = await self._find(keys)
            if before is None:
                if isinstance(command, SignIn):
                    raise NotRegistered
                before = Account(str(uuid7()))
            events = decide(before, command, now)
            after = _after(before, events)
            try:
                await self._store.append(
                    before.account_id,
                    events,
                    expected_version=before.version,
                    origin=origin,
                    reserve=await self._reservations(keys, before.account_id),
                    also=also(before, after),
                )
            except (ConcurrencyConflict, AlreadyReserved):
                continue
            return before, after
        raise ConcurrencyConflict("too many in a row")

    async def give_consent(
        self, account_id: str, command: GiveConsent, now: datetime, origin: Origin, also: Also
    ) -> Account:
        """Record the consent of a signed-in person. Raises `ConsentOutdated`."""
        for _ in range(ATTEMPTS):
            before = await self.load(account_id)
            events = decide(before, command, now)
            try:
                await self._store.append(account_id, events, expected_version=before.version, origin=origin, also=also)
            except ConcurrencyConflict:
                continue
            return _after(before, events)
        raise ConcurrencyConflict("too many in a row")

    async def held_by(self, account_id: str) -> set[Reservation]:
        """What the account's stream says that it holds, but for what another one holds now."""
        events = [envelope.event for envelope in await self._store.read(account_id)]
        seen = [self._keys(e.person, trusted=e.trusted) for e in events if isinstance(e, EsiaAuthenticated)]
        return {held for keys in seen for held in await self._reservations(keys, account_id)}

    async def _find(self, keys: _Keys) -> Account | None:
        account_id = await self._store.reservations.holder_of(keys.oid)
        if account_id is None and keys.snils:
            account_id = await self._store.reservations.holder_of(keys.snils)
        return await self.load(account_id) if account_id else None

    async def _reservations(self, keys: _Keys, account_id: str) -> list[Reservation]:
        """The oid always; the СНИЛС unless it led to another account first: then the oid wins and it stays there."""
        if keys.snils is None or await self._store.reservations.holder_of(keys.snils) not in (None, account_id):
            return [keys.oid]
        return [keys.oid, keys.snils]

    def _keys(self, person: EsiaPerson, *, trusted: bool) -> _Keys:
        digits = "".join(filter(str.isdecimal, person.snils or ""))
        confirmed = trusted and len(digits) == 11
        return _Keys(
            self._reservation("esia_oid", str(person.esia_oid)),
            self._reservation("snils", digits) if confirmed else None,
        )

    def _reservation(self, kind: str, value: str) -> Reservation:
        digest = hmac.new(self._hash_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
        return Reservation(kind, digest)


def _after(account: Account, events: Sequence[IdentityEvent]) -> Account:
    for event in events:
        account = evolve(account, event)
    return account
