"""After Kafka lost a topic, docs/operations/kafka-lost.md brings everything back, and nothing happens twice."""

import re
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from eventlog.bus import Bus
from eventlog.projection import Projection
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from eventlog.tail import open_tail
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import CARDS_EVENTS, Topic
from ops.problem import Exit
from tests.eventlog.conftest import event, number_of, until
from tests.eventlog.records import envelopes_of, project
from tests.ops.conftest import YES, World

PAGE = (Path(__file__).parents[2] / "docs/operations/kafka-lost.md").read_text()
Forget = Callable[..., Awaitable[None]]


class Service:
    """One with a view of its own events and a reactor to them, all of it on one topic."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.topic = replace(CARDS_EVENTS, name=world.group(name), partitions=2, producer=name)
        self.database = world.databases[name]
        self.store = EventStore(self.database, name)
        self.groups = [world.group(name), f"{world.group(name)}-reactor"]

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
        told = (await self.world.ops("lag", "--json")).json  # an error, where the broker still loads its first groups
        lags = told.get("lags", [])
        mine = [lag for lag in lags if lag["group"] in self.groups]
        read = len(mine) == 2 * self.topic.partitions and not sum(lag["lag"] for lag in mine)
        return read and before == await self._published() == await self.store.events.count_documents({})

    async def ends(self) -> dict[int, int]:
        """How far each partition of the topic is written."""
        async with open_tail(self.world.installation.kafka_access, self.topic) as tail:
            return dict(await tail.ends())

    async def _published(self) -> int:
        return await self.store.events.count_documents({"published": True})


@pytest.fixture
async def admin(world: World) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=world.environment["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    yield admin
    await admin.close()


@pytest.fixture
async def services(world: World, admin: AIOKafkaAdminClient) -> AsyncIterator[tuple[Service, Service]]:
    """One whose topic will be lost, and one whose topic will not; each has published what it had to say."""
    both = Service(world, "cards"), Service(world, "settings")
    for service in both:
        await _create(admin, service.topic)
    async with both[0].running(), both[1].running():
        for service in both:
            for _ in range(4):
                await envelopes_of(service.store, str(uuid4()), [1, 2, 3])
        for service in both:
            await until(service.is_done, 40)
    yield both
    await admin.delete_topics([service.topic.name for service in both])


@pytest.fixture
def forget(world: World, declare: Callable[..., None]) -> Forget:
    """What the page says, by an operator who may rewrite logs on this night."""

    async def forgotten(lost: Topic, *others: Topic) -> None:
        declare(lost, *others)
        lines = dict.fromkeys(re.findall(r"^ {7}ops (log republish cards.events.*)$", PAGE, re.MULTILINE))
        shown, done = (shlex.split(line.replace("cards.events", lost.name)) for line in lines)
        assert (await world.ops(*shown, MONGODB_URI=world.night)).exit == Exit.SHOWN
        answer = await world.ops(*done, "--json", MONGODB_URI=world.night)
        assert (answer.exit, answer.json["topics"], answer.json["kept"]) == (Exit.FINE, [lost.name], True)

    return forgotten


async def test_a_lost_topic_is_filled_again_from_the_log_and_one_that_lost_nothing_stays_as_it_is(
    world: World,
    services: tuple[Service, Service],
    admin: AIOKafkaAdminClient,
    forget: Forget,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventlog.tail.FIRST_LOOK", 2)
    lost, intact = services
    before, ends = [await service.everything() for service in services], await intact.ends()
    assert [[len(kept) for kept in of_one.values()] for of_one in before] == [[5, 24, 5, 12]] * 2
    assert max(ends.values()) > 2 * 2, "there is more than a relay without a place looks back at"

    await admin.delete_topics([lost.topic.name])
    await _create(admin, lost.topic)
    await forget(lost.topic, intact.topic)
    assert [await service.store.events.count_documents({"published": True}) for service in services] == [0, 24]
    async with lost.running(), intact.running():
        for service in services:
            await until(service.is_done, 40)
        assert [await service.everything() for service in services] == before
        verified = await world.ops("projection", "verify", lost.groups[0], *YES, "--json")
    assert (verified.exit, verified.json["equal"], verified.json["events"] >= 24) == (0, True, True)
    assert await intact.ends() == ends


async def test_what_is_kept_of_a_topic_that_lost_nothing_is_not_forgotten(
    world: World, admin: AIOKafkaAdminClient, forget: Forget
) -> None:
    lost, intact = (Service(world, name).topic for name in ("cards", "settings"))
    await _create(admin, lost)
    for database in world.databases.values():
        await database["parked"].insert_many([{"topic": lost.name}, {"topic": intact.name}])
        await database["state_places"].insert_many([{"_id": lost.name}, {"_id": intact.name}])
    await forget(lost, intact)
    for database in world.databases.values():
        assert await database["parked"].distinct("topic") == [intact.name]
        assert await database["state_places"].distinct("_id") == [intact.name]
    await admin.delete_topics([lost.name])


async def _create(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    """Once one of that name that was deleted is gone."""

    async def created() -> bool:
        wanted = NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config))
        return not any(code for _, code, *_ in (await admin.create_topics([wanted])).topic_errors)

    await until(created)
