"""The parking away while there is something to park: all halts and says so, and goes on when it is back."""

import asyncio
from urllib.parse import urlsplit

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background, open_client
from eventlog.projector import Projector
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise
from tests.eventlog.conftest import until
from tests.faults.arrivals import arriving, send, stream_of
from tests.faults.conftest import NewGround
from tests.faults.ground import ROWS, project
from tests.faults.oracle import canonical, fold_of, view_of
from tests.faults.proxy import Proxy, through
from tests.servers import RealServers

HALT_SECONDS = 4.0


async def test_where_nothing_can_be_parked_nothing_is_passed_over(
    new_ground: NewGround,
    client: AsyncMongoClient[Document],
    servers: RealServers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventlog.listener.STALLED_SECONDS", 2.0)
    ground = await new_ground(partitions=1)
    healthy = {"1.left": stream_of("1.left", range(20, 30))}
    poison = arriving(stream_of("1.ill", [50]))[0]
    poison.value = b"{"
    database = client[ground.name]
    target = urlsplit(servers.mongodb_uri).port
    assert target
    async with Proxy(target).listening() as proxy, open_client(through(proxy, servers.mongodb_uri)) as away:
        delivery = Delivery(Parking(away[ground.name], ground.view_group), Projector(database, project).apply)
        listener = Listener(ground.kafka, ground.view_group, [ground.topic], delivery)
        proxy.cut()
        await send(ground, [*arriving(healthy["1.left"])[:5], poison, *arriving(healthy["1.left"])[5:]])
        async with background(supervise(listener, Looks())):
            await until(lambda: halts(listener))
            await asyncio.sleep(HALT_SECONDS)
            assert not listener.gets_on()
            assert await there(database) == (0, 0)
            proxy.heal()
            await until(lambda: has_come(database, (10, 1)))
            await until(lambda: gets_on(listener))
    assert await view_of(ground, client) == canonical(fold_of(healthy))


async def halts(listener: Listener) -> bool:
    return not listener.gets_on()


async def gets_on(listener: Listener) -> bool:
    return listener.gets_on()


async def there(database: AsyncDatabase[Document]) -> tuple[int, int]:
    """How many rows, and how many that are parked."""
    return await database[ROWS].count_documents({}), await database["parked"].count_documents({})


async def has_come(database: AsyncDatabase[Document], counts: tuple[int, int]) -> bool:
    return await there(database) == counts
