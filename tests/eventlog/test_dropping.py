"""A generation is dropped by the service, on an order: all of it, whoever dies on the way, and none that is wanted."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from bson import Int64
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from eventlog.generations import LOOK_SECONDS, Generations
from eventlog.parking import Parking
from eventlog.process import background
from eventlog.projection import Generation, Projection, Views
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import until
from tests.eventlog.records import Record, project
from tests.servers import RealServers

READ_IS_THE_FIRST: Document = {"active": 1, "kept": [1]}
DIES_AFTER = [
    (),
    ("views.g2",),
    ("views.g2", "rows.g2"),
    ("views.g2", "rows.g2", "parked"),
]


class Service:
    """A service whose second generation holds something, and has something parked; the first one is read."""

    def __init__(self, database: AsyncDatabase[Document], topic: Topic, servers: RealServers) -> None:
        self.database = database
        self.views = Views(database, Projection(f"view.{topic.name}", [topic], project, {"views": (), "rows": ()}))
        self._kafka = servers.kafka

    async def begin(self) -> None:
        await self.views.prepare()
        await self.views.generation(2).prepare()
        for number in (1, 2):
            await self.views.generation(number)["rows"].insert_one({"_id": "somebody's"})
            record = Record(b"stream", b"{}", [])
            await Parking(self.database, self.views.generation(number).group).park(record, "ValueError")

    @asynccontextmanager
    async def running(self, processes: int = 1) -> AsyncIterator[Sequence[Generations]]:
        several = [self.views, *(Views(self.database, self.views.projection) for _ in range(processes - 1))]
        generations = [Generations(views, self._kafka, Looks()) for views in several]
        async with background(*(supervise(each, Looks()) for each in generations)):
            yield generations

    async def point(self, change: Document) -> None:
        await self.database["projections"].update_one({"_id": self.views.projection.name}, {"$set": change})

    async def order_is_done(self) -> bool:
        pointer = await self.database["projections"].find_one({"_id": self.views.projection.name})
        return pointer is not None and pointer["dropping"] == []

    async def there(self) -> set[str]:
        """What is left of the two generations: collections, and the groups that have parked something."""
        parked = await self.database["parked"].distinct("group")
        names = set(await self.database.list_collection_names()) - {"projections", "parked"}
        return names | {"parked" + group.removeprefix(self.views.projection.name) for group in parked}


FIRST = {"views", "rows", "parked"}
BOTH = FIRST | {"views.g2", "rows.g2", "parked.g2"}


@pytest.fixture
async def service(database: AsyncDatabase[Document], topic: Topic, servers: RealServers) -> Service:
    service = Service(database, topic, servers)
    await service.begin()
    return service


@pytest.mark.parametrize("done", DIES_AFTER, ids=len)
async def test_wherever_a_process_died_the_next_one_goes_on_until_nothing_is_left(
    service: Service, done: tuple[str, ...]
) -> None:
    for name in done:
        if name == "parked":
            await service.views.generation(2).forget_parked()
        else:
            await service.database.drop_collection(name)
    await service.point({**READ_IS_THE_FIRST, "dropping": [2]})
    async with service.running():
        await until(service.order_is_done)
    assert await service.there() == FIRST


async def test_several_processes_carry_it_out_side_by_side(service: Service) -> None:
    await service.point({**READ_IS_THE_FIRST, "dropping": [2]})
    with capture_logs() as logs:
        async with service.running(processes=3):
            await until(service.order_is_done)
    assert await service.there() == FIRST
    assert not [line for line in logs if line["event"] == "generation_not_dropped"]


@pytest.mark.parametrize(
    "wanted",
    [{"active": 2, "kept": [1, 2]}, {"active": 2, "kept": [1]}, {"active": 1, "kept": [1, 2]}],
    ids=["read", "read and not kept", "being built"],
)
async def test_what_is_read_or_built_by_the_time_of_the_drop_stays_and_so_it_does_once_it_is_not_read_any_more(
    service: Service, wanted: Document
) -> None:
    await service.point({**READ_IS_THE_FIRST, "dropping": [2]})
    await service.point(wanted)
    async with service.running():
        await until(service.order_is_done)
        assert await service.there() == BOTH
        await service.point(READ_IS_THE_FIRST)
        await until(lambda: _reads(service, 1))
        await service.point({"dropping": [3]})
        await until(service.order_is_done)
    assert await service.there() == BOTH


@pytest.mark.parametrize(
    "garbled",
    [
        {"kept": [1, True, 0, "2", 2.0, None, [2], {"2": 2}], "dropping": [[2], {}, "2", 1.5, False, -1]},
        {"kept": [1], "dropping": 2},
        {"kept": 1, "dropping": [[]]},
        {"active": [1], "kept": [1], "dropping": [2]},
    ],
    ids=["members", "an order", "kept", "read"],
)
async def test_what_is_no_number_in_the_pointer_is_passed_over_and_the_next_look_goes_on(
    service: Service, garbled: Document
) -> None:
    with capture_logs() as logs:
        async with service.running() as [generations]:
            await until(lambda: _reads(service, 1))
            await service.point({"dropping": [], **garbled})
            now = time.monotonic()
            await until(lambda: _looked(generations, now + 2 * LOOK_SECONDS))
            assert await service.there() == BOTH
            await service.point({"active": 1, "kept": [Int64(1)], "dropping": [Int64(2)]})
            await until(service.order_is_done)
    assert await service.there() == FIRST
    assert not [line for line in logs if line["event"] == "part_failed"]


async def test_what_becomes_read_between_two_steps_keeps_what_is_there(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops = Generation.drops

    def with_a_step_before(generation: Generation) -> Iterator[Callable[[], Awaitable[None]]]:
        yield lambda: service.point({"active": 2, "kept": [1, 2]})
        yield from drops(generation)

    monkeypatch.setattr(Generation, "drops", with_a_step_before)
    await service.point({**READ_IS_THE_FIRST, "dropping": [2]})
    async with service.running():
        await until(service.order_is_done)
    assert await service.there() == BOTH


async def test_where_mongodb_fails_the_order_stands_and_what_is_read_is_followed_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: Generation) -> None:
        raise AutoReconnect

    await service.point({**READ_IS_THE_FIRST, "dropping": [2]})
    with capture_logs() as logs, monkeypatch.context() as meanwhile:
        meanwhile.setattr(Generation, "forget_parked", fails)
        async with service.running():
            await until(lambda: _logged(logs, "generation_not_dropped", times=2))
            await service.point({"active": 3, "kept": [1, 3]})
            await until(lambda: _reads(service, 3))
            assert not await service.order_is_done()
            meanwhile.undo()
            await until(service.order_is_done)
    assert await service.there() == FIRST | {"views.g3", "rows.g3"}


async def _reads(service: Service, number: int) -> bool:
    return service.views.active == number


async def _looked(generations: Generations, after: float) -> bool:
    return generations.last_turn > after


async def _logged(logs: Sequence[Mapping[str, object]], event: str, times: int) -> bool:
    return [line["event"] for line in logs].count(event) >= times
