"""The numbers of an account's cards, each on one card at a time: reserved in the log as keyed hashes.

The account is part of what is hashed: across accounts a number may stand on any card (two parents, one child), and
nothing tells that it does.
"""

import hashlib
import hmac
from collections.abc import Mapping

from eventlog.reservations import Reservation, Reservations


class CardNumbers:
    """What is reserved for the cards; `hash_key` keys the hashes."""

    def __init__(self, reservations: Reservations, hash_key: bytes) -> None:
        self._reservations = reservations
        self._hash_key = hash_key

    def reservations(self, account_id: str, numbers: Mapping[str, str]) -> list[Reservation]:
        """What a card with these numbers, by field, has to hold."""
        return [self._reservation(account_id, field, number) for field, number in numbers.items()]

    async def taken(self, account_id: str, card_id: str, numbers: Mapping[str, str]) -> dict[str, str]:
        """Which other card of the account has which of the numbers, by field."""
        holders: dict[str, str] = {}
        for field, number in numbers.items():
            holder = await self._reservations.holder_of(self._reservation(account_id, field, number))
            if holder not in (None, card_id):
                holders[field] = str(holder)
        return holders

    def _reservation(self, account_id: str, field: str, number: str) -> Reservation:
        kind = f"card-{field}"
        digest = hmac.new(self._hash_key, f"{kind}:{account_id}:{number}".encode(), hashlib.sha256).hexdigest()
        return Reservation(kind, digest)
