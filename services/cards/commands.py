"""Carrying a command out: read the card's stream, decide, append; again when somebody else was first."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from eventlog.store import ConcurrencyConflict, EventStore
from medonline_contracts.envelope import Origin
from services.cards.domain import CardChanged, Command, before_all_events, decide, evolve

_ADDED_CARD = UUID("0d1f6c3e-8c1b-5b0e-9f0a-2b7d5e4c6a11")
_ATTEMPTS = 5


def added_card_id(account_id: str, request_id: UUID) -> str:
    """The id of a card to be added: made of account and request, so that a request sent twice adds one card."""
    return str(uuid5(_ADDED_CARD, f"{account_id}:{request_id}"))


class CardCommands:
    """The commands' way into the log."""

    def __init__(self, store: EventStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def carry_out(self, card_id: str, command: Command, origin: Origin) -> int:
        """The stream's version afterwards. Raises the domain's `Refusal`."""
        for _ in range(_ATTEMPTS):
            card = before_all_events(card_id, command.account_id)
            for envelope in await self._store.read(card_id):
                card = evolve(card, envelope.event)
            version = card.version if card else 0
            events = decide(card, command, self._clock())
            if not events:
                return version
            try:
                await self._store.append(card_id, events, expected_version=version, origin=origin)
            except ConcurrencyConflict:
                continue
            return version + len(events)
        raise CardChanged
