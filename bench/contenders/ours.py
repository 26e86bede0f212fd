"""Our own contender: listener, delivery, parking and projector as in a service, with the cards' real projection."""

import asyncio

from pymongo.asynchronous.collection import AsyncCollection

from bench.contenders.task import told
from bench.topic import topic_called
from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.projector import Projector
from eventlog.store import Document
from services.cards.views import project_card


class OnlyOne:
    """A generation of views whose one collection is the task's."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self._collection = collection

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        return self._collection


async def main() -> None:
    task = told()
    async with open_client(task.mongodb_uri) as client:
        database = client[task.database]
        parking = Parking(database, task.group)
        await parking.prepare()
        projector = Projector(OnlyOne(database[task.collection]), project_card)
        delivery = Delivery(parking, projector.apply)
        await Listener(task.kafka, task.group, [topic_called(task.topic)], delivery).run()


if __name__ == "__main__":
    collect_garbage_rarely()  # as every service does
    asyncio.run(main())
