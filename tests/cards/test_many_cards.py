"""A family of many: the list asks the database the same number of questions, however many cards there are."""

from typing import Any
from uuid import uuid4

from pymongo import AsyncMongoClient, monitoring

from eventlog.projector import Projector
from eventlog.store import Document
from medonline_contracts.cards import holder_card_id
from medonline_contracts.envelope import Envelope, Event
from services.cards.limits import MOST_CARDS
from services.cards.listeners import project
from services.cards.queries import Awaited, CardList, list_cards
from services.cards.views import PatientCards
from tests.cards.people import ACCOUNT, CHILD, START, authenticated, child_added, stream
from tests.servers import RealServers, forget


class Questions(monitoring.CommandListener):
    """The names of the commands that MongoDB was sent."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.asked.append(event.command_name)

    def succeeded(self, event: Any) -> None:
        """How long it took is another matter."""

    def failed(self, event: Any) -> None:
        """It would show in the answer."""


def family_of(size: int) -> list[Envelope[Event]]:
    names = (CHILD.model_copy(update={"given_name": f"Имя {'я' * number}", "snils": None}) for number in range(size))
    relatives = [stream(str(uuid4()), child_added(person=person)) for person in names]
    return [*stream(ACCOUNT, authenticated()), *(envelope for card in relatives for envelope in card)]


async def test_the_list_of_two_hundred_cards_asks_no_more_than_that_of_one(servers: RealServers) -> None:
    questions = Questions()
    name = f"test_{uuid4().hex}"

    async def listed(client: AsyncMongoClient[Document], size: int) -> tuple[CardList, list[str]]:
        await forget(client, name)
        await Projector(client[name], project).apply(family_of(size))
        questions.asked.clear()
        found = await list_cards(PatientCards(client[name]), ACCOUNT, Awaited(account_version=1), START)
        return found, list(questions.asked)

    client: AsyncMongoClient[Document] = AsyncMongoClient(
        servers.mongodb_uri, tz_aware=True, event_listeners=[questions]
    )
    async with client:
        alone, asked_alone = await listed(client, 0)
        crowd, asked_for_crowd = await listed(client, MOST_CARDS - 1)
        await forget(client, name)
    assert (len(alone.cards), len(crowd.cards)) == (1, MOST_CARDS)
    assert crowd.cards[0].card_id == holder_card_id(ACCOUNT)
    assert asked_alone == asked_for_crowd == ["find"]
