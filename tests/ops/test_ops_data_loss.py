"""After Kafka lost a topic, docs/operations/kafka-lost.md brings everything back, and nothing happens twice."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from bson import json_util
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.bus import Bus
from eventlog.process import open_client
from eventlog.projection import Projection
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from eventlog.tail import open_tail
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import CARDS_EVENTS, Topic
from ops.installation import Installation
from tests.eventlog.conftest import event, number_of, until
from tests.eventlog.records import envelopes_of, project
from tests.ops.conftest import YES, World

PAGE = (Path(__file__).parents[2] / "docs/operations/kafka-lost.md").read_text()
Forget = Callable[[World], Awaitable[None]]


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


async def by_hand(world: World) -> None:
    """The groups, and the statements as they stand on the page: for every service, and for the one with the topic."""
    async with world.installation.kafka() as kafka:
        for group in [name for name in await kafka.group_names() if world.mark in name]:
            await kafka.delete_group(group)
    step = PAGE.split("\n4. ")[0].replace('"cards.events"', f'"{world.group("cards")}"')
    everywhere, in_its_own = re.findall(r"(?:^ {7}db\..*\n)+", step, re.MULTILINE)
    async with open_client(world.night) as operator:
        for database in world.databases.values():
            for line in everywhere.splitlines():
                await _carry_out(line, operator[database.name])
        for line in in_its_own.splitlines():
            await _carry_out(line, operator[world.databases["cards"].name])


async def _carry_out(line: str, database: AsyncDatabase[Document]) -> None:
    called = re.fullmatch(r" +db\.(\w+)\.(\w+)\((.*)\) +// .*", line)
    assert called, line
    collection, method, arguments = called.groups()
    quoted = re.sub(r"([$]?[a-z_]+):", r'"\1":', arguments)
    given = json_util.loads(f"[{quoted}]")
    done = {"deleteMany": "delete_many", "updateMany": "update_many"}[method]
    await getattr(database[collection], done)(*given)


async def on_kubernetes(world: World) -> None:
    """The page's program, as it is typed there."""
    (program,) = re.findall(r"<<'END'\n(.*?)^END$", PAGE, re.MULTILINE | re.DOTALL)
    await asyncio.to_thread(exec, program.replace('.events"', f'.{world.mark}"'), {})


@pytest.fixture(params=[by_hand, on_kubernetes])
def forget(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Forget:
    """What the page says, in the environment of `ops` on such a night; the groups of other tests are nobody's."""
    for name, value in (world.environment | {"MONGODB_URI": world.night}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Installation, "ours", lambda _, groups: [name for name in groups if world.mark in name])
    chosen: Forget = request.param
    return chosen


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
    await forget(world)
    assert [await service.store.events.count_documents({"published": True}) for service in services] == [0, 24]
    async with lost.running(), intact.running():
        for service in services:
            await until(service.is_done, 40)
        assert [await service.everything() for service in services] == before
        verified = await world.ops("projection", "verify", lost.groups[0], *YES, "--json")
    assert (verified.exit, verified.json["equal"], verified.json["events"] >= 24) == (0, True, True)
    assert await intact.ends() == ends


async def test_what_is_kept_of_a_topic_that_lost_nothing_is_not_forgotten(world: World, forget: Forget) -> None:
    lost, intact = world.group("cards"), world.group("settings")
    for database in world.databases.values():
        await database["parked"].insert_many([{"topic": lost}, {"topic": intact}])
        await database["state_places"].insert_many([{"_id": lost}, {"_id": intact}])
    await forget(world)
    for database in world.databases.values():
        assert await database["parked"].distinct("topic") == [intact]
        assert await database["state_places"].distinct("_id") == [intact]


async def _create(admin: AIOKafkaAdminClient, topic: Topic) -> None:
    """Once one of that name that was deleted is gone."""

    async def created() -> bool:
        wanted = NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config))
        return not any(code for _, code, *_ in (await admin.create_topics([wanted])).topic_errors)

    await until(created)
