"""After Kafka lost a topic, docs/operations/kafka-lost.md brings everything back, and nothing happens twice."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from bson import json_util

from eventlog.bus import Bus
from eventlog.process import open_client
from eventlog.projection import Projection
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import event, number_of, until
from tests.eventlog.records import envelopes_of, project
from tests.ops.conftest import YES, World

PAGE = (Path(__file__).parents[2] / "docs/operations/kafka-lost.md").read_text()


class Service:
    """Cards with a view of its own events and a reactor to them, all of it on one topic."""

    def __init__(self, world: World, topic: Topic) -> None:
        self.world = world
        self.topic = topic
        self.database = world.databases["cards"]
        self.store = EventStore(self.database, "cards")
        self.groups = [world.group(), f"{world.group()}-reactor"]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Relay, view and reactor."""
        bus = Bus(self.store, self.topic, self.world.installation.kafka_access)
        reactor = Reactor(self.store, self.groups[1], self._react)
        bus.project(Projection(self.groups[0], [self.topic], project, {"views": (), "rows": ()}))
        bus.listen(self.groups[1], [self.topic], reactor.apply, reactor.skip)
        async with bus.running(reactor):
            yield

    async def _react(self, envelope: Envelope[Event]) -> Reaction:
        if envelope.stream_id == "answers":
            return Reaction(envelope.stream_id, 0)
        return Reaction("answers", len(await self.store.read("answers")), [event(number_of(envelope) + 50)])

    async def everything(self) -> dict[str, list[Document]]:
        """What is read, and what followed."""
        names = ("views", "rows", "reactor_places")
        kept = {name: await self.database[name].find().sort("_id").to_list() for name in names}
        return kept | {"answers": [{"id": envelope.id} for envelope in await self.store.read("answers")]}

    async def is_done(self) -> bool:
        """Whether all is published, both groups have read it to the end, and nothing new has followed from that."""
        before = await self._published()
        lags = (await self.world.ops("lag", "--json")).json["lags"]
        mine = [lag for lag in lags if lag["group"] in self.groups]
        read = len(mine) == 2 * self.topic.partitions and not sum(lag["lag"] for lag in mine)
        return read and before == await self._published() == await self.store.events.count_documents({})

    async def _published(self) -> int:
        return await self.store.events.count_documents({"published": True})


@pytest.fixture
async def admin(world: World) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=world.environment["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    yield admin
    await admin.close()


async def what_the_page_says(world: World) -> None:
    """The statements for each service's database, as they stand on the page, by the user that it names."""
    step = PAGE.split("\n4. ")[0]
    statements = re.findall(r"^ +(db\..*?\));?(?:\s+//.*)?$", step, re.MULTILINE)
    assert len(statements) == 4
    async with open_client(world.environment["MONGODB_URI"]) as operator:
        for line in statements:
            collection, method, arguments = re.fullmatch(r"db\.(\w+)\.(\w+)\((.*)\)", line).groups()  # type: ignore[union-attr]  # it stands so
            quoted = re.sub(r"(\$?\w+):", r'"\1":', arguments)
            given = json_util.loads(f"[{quoted}]")
            done = {"deleteMany": "delete_many", "updateMany": "update_many"}[method]
            await getattr(operator[world.databases["cards"].name][collection], done)(*given)


async def test_a_lost_topic_is_filled_again_from_the_log(
    world: World, topic: Topic, admin: AIOKafkaAdminClient
) -> None:
    service = Service(world, topic)
    async with service.running():
        for _ in range(4):
            await envelopes_of(service.store, str(uuid4()), [1, 2, 3])
        await until(service.is_done, 40)
    before = await service.everything()
    assert [len(kept) for kept in before.values()] == [5, 24, 5, 12]

    await admin.delete_topics([topic.name])
    await until(lambda: _created(admin, topic))
    async with world.installation.kafka() as kafka:
        for group in service.groups:
            await kafka.delete_group(group)
    await what_the_page_says(world)
    assert await service.store.events.count_documents({"published": True}) == 0
    async with service.running():
        await until(service.is_done, 40)
        assert await service.everything() == before
        verified = await world.ops("projection", "verify", service.groups[0], *YES, "--json")
    assert (verified.exit, verified.json["equal"], verified.json["events"] >= 24) == (0, True, True)


async def _created(admin: AIOKafkaAdminClient, topic: Topic) -> bool:
    wanted = NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config))
    answer = await admin.create_topics([wanted])
    return not any(code for _, code, *_ in answer.topic_errors)
