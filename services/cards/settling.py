"""The settling of cards: what is kept beside their log, made right after a backup was restored.

What a card's events changed in the transactions of their appends is changed again, for those that came back from
Kafka: the numbers that the card holds, its place among the account's cards, and when it is to be erased. What was set
aside had changed the same: it is taken back.
"""

from dataclasses import dataclass
from functools import reduce

from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.settling import NotYet, set_aside_of
from eventlog.store import Also, EventStore
from services.cards.card_numbers import CardNumbers
from services.cards.card_places import CardPlaces, NoPlace
from services.cards.domain import PatientCard, evolve
from services.cards.erasures import Erasures
from services.cards.handler import dated


@dataclass(frozen=True, slots=True)
class CardSettling:
    """What follows from a card's stream."""

    store: EventStore
    numbers: CardNumbers
    places: CardPlaces
    erasures: Erasures

    async def settle_stream(self, card_id: str, known: int) -> Also:
        """The card as it is now, in place of what `known` events and those set aside had left.

        What is to be written raises `NotYet`.
        """
        events = [dated(envelope) for envelope in await self.store.read(card_id)]
        aside = [dated(envelope) for envelope in await set_aside_of(self.store, card_id)]
        nothing: PatientCard | None = None
        before = reduce(evolve, [*events[:known], *aside], nothing)
        after = reduce(evolve, events, nothing)
        assert after is not None  # noqa: S101  a stream has events
        held = self.numbers.reservations(after.account_id, after.numbers())
        following = (self.erasures.as_it_is(card_id, after), self.places.following(before, after))

        async def write(session: AsyncClientSession) -> None:
            for reservation in held:
                await self.store.reservations.take(reservation, card_id, session)
            try:
                for written in filter(None, following):
                    await written(session)
            except NoPlace:
                raise NotYet from None

        return write
