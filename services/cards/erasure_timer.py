"""The timer that erases removed cards: every ten seconds it looks whose 30 days are over.

A lease lets one process do it; what must not happen twice, the log refuses: a card restored at the last moment stays.
A card that cannot be erased stops no other: it is put off by an hour, and named in the log.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import structlog
from structlog.contextvars import bound_contextvars

from eventlog.delivery import passes_by_itself
from eventlog.lease import Lease
from eventlog.process import cancelled, end_if_cancelled
from eventlog.supervisor import NEVER
from medonline_contracts.envelope import Origin
from services.cards.commands import ErasePatientCard
from services.cards.erasures import Erasures
from services.cards.handler import CardCommands

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0


class ErasureTimer:
    """A part of the service's process; `lease` outlasts the time between two looks."""

    def __init__(self, erasures: Erasures, commands: CardCommands, lease: Lease, clock: Callable[[], datetime]) -> None:
        self.name = lease.name
        self.last_turn = NEVER
        self._erasures = erasures
        self._commands = commands
        self._lease = lease
        self._clock = clock

    async def run(self) -> None:
        """One life: look, erase, and look again."""
        try:
            while not cancelled():
                if not (await self._lease.acquire() and await self.erase_due()):
                    self.last_turn = time.monotonic()
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._lease.release()

    async def erase_due(self) -> int:
        """Erase the next hundred whose time is over, or put them off; how many there were."""
        due = await self._erasures.due(self._clock())
        for card_id, account_id in due:
            end_if_cancelled()
            with bound_contextvars(stream_id=card_id):
                await self._erase(card_id, account_id)
            self.last_turn = time.monotonic()
        return len(due)

    async def _erase(self, card_id: str, account_id: str) -> None:
        try:
            await self._commands.carry_out(card_id, ErasePatientCard(account_id), Origin(str(uuid4())))
        except Exception as error:
            if passes_by_itself(error):  # no card is at fault: the timer's life ends, and the next one tries again
                raise
            await self._erasures.put_off(card_id, self._clock())
            log.error("card_not_erased", card_id=card_id, error=type(error).__name__)  # its text may quote the card
        else:
            log.info("card_erased", card_id=card_id)
