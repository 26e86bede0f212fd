"""The log's part of a service, as a process: relay and listener on one bus, with the real cards' projection."""

import asyncio

from bench.contenders.task import told
from bench.topic import topic_called
from eventlog.bus import Bus
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.projection import Projection
from eventlog.store import EventStore
from services.cards.views import PATIENT_CARDS, project_card
from tests.topics import begin_log_here


async def main() -> None:
    task = told()
    async with open_client(task.mongodb_uri) as client:
        store = EventStore(client[task.database], "cards")
        topic = topic_called(task.topic)
        bus = Bus(store, topic, task.kafka)
        bus.project(Projection(task.group, [topic], project_card, {PATIENT_CARDS: ("account_id",)}))
        await begin_log_here(store.database, task.kafka, topic)  # measurements fill it from outside
        async with bus.running():
            await asyncio.Event().wait()


if __name__ == "__main__":
    collect_garbage_rarely()  # as every service does
    asyncio.run(main())
