"""Does a relay see all that was written? By a token, from now on, or by the last id, it does not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from pymongo import AsyncMongoClient, timeout
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure, PyMongoError

from eventlog.store import Document, EventStore
from tests.eventlog.conftest import ORIGIN, event, until
from tests.servers import RealServers
from tests.traps.naive import end
from tests.traps.ours import all_published, relay_of, relaying
from tests.traps.scene import Scene, number_in, numbers_in

INSERTED = [{"$match": {"operationType": "insert"}}]
CANNOT_RESUME = (280, 286)  # the place is not known; or no longer, the oplog has gone on


class Follower:
    """A naive relay: it follows the log by a change stream whose token it saves."""

    def __init__(self, store: EventStore, publish: Callable[[int], Awaitable[None]]) -> None:
        self.token: Document | None = None
        self.opened = asyncio.Event()
        self._events = store.events
        self._publish = publish

    async def follow(self) -> None:
        """Publish what is new since the token, or since now."""
        with timeout(0):
            try:
                changes = await self._events.watch(INSERTED, resume_after=self.token)
            except OperationFailure as error:
                if error.code not in CANNOT_RESUME:
                    raise
                changes = await self._events.watch(INSERTED)
            async with changes:
                self.opened.set()
                async for change in changes:
                    self.token = change["_id"]
                    await self._publish(number_in(change["fullDocument"]["data"]))


async def test_a_token_saved_before_the_acknowledgement_loses_an_event_and_our_relay_publishes_it(
    store: EventStore, scene: Scene
) -> None:
    """The crash between the two; ours keeps no token: what is not marked as published is published."""
    published: list[int] = []

    async def publish(number: int) -> None:
        if number == 1 and not published:
            raise KafkaConnectionError
        published.append(number)

    async def is_published() -> bool:
        return bool(published)

    naive = Follower(store, publish)
    life = asyncio.create_task(naive.follow())
    await naive.opened.wait()
    await store.append("stream-1", [event(1)], expected_version=0, origin=ORIGIN)
    with pytest.raises(KafkaConnectionError):
        await life
    life = asyncio.create_task(naive.follow())
    await store.append("stream-2", [event(2)], expected_version=0, origin=ORIGIN)
    await until(is_published)
    await end(life)
    assert published == [2]

    def crashing() -> AIOKafkaProducer:
        raise KafkaConnectionError

    async with relaying(relay_of(store, scene, crashing)) as crashed:
        await asyncio.wait([crashed])
    async with relaying(relay_of(store, scene)):
        await until(lambda: all_published(store))
    assert sorted(await numbers_in(scene)) == [1, 2]


async def test_a_follower_that_cannot_resume_and_begins_from_now_misses_an_event_and_our_relay_does_not(
    store: EventStore, scene: Scene
) -> None:
    """Error 286 once the oplog has gone on; here 280, since the server has no such place: it takes the same way out."""
    published: list[int] = []

    async def publish(number: int) -> None:
        published.append(number)

    async def has_published(numbers: list[int]) -> bool:
        return published == numbers

    naive = Follower(store, publish)
    life = asyncio.create_task(naive.follow())
    await naive.opened.wait()
    await store.append("stream-1", [event(1)], expected_version=0, origin=ORIGIN)
    await until(lambda: has_published([1]))
    await end(life)
    assert naive.token
    await store.append("stream-2", [event(2)], expected_version=0, origin=ORIGIN)
    naive.token = {"_data": of_another_server(naive.token["_data"])}
    naive.opened.clear()
    life = asyncio.create_task(naive.follow())
    await naive.opened.wait()
    await store.append("stream-3", [event(3)], expected_version=0, origin=ORIGIN)
    await until(lambda: has_published([1, 3]))
    await end(life)

    async with relaying(relay_of(store, scene)):
        await until(lambda: all_published(store))
    assert sorted(await numbers_in(scene)) == [1, 2, 3]


async def test_whoever_asks_for_ids_above_the_last_misses_what_is_committed_late_and_our_relay_does_not(
    store: EventStore, scene: Scene
) -> None:
    """The order of commits is not the order of ids: the transaction that began first may end last."""
    written, commit = asyncio.Event(), asyncio.Event()

    async def take_long(_: AsyncClientSession) -> None:
        written.set()
        await commit.wait()

    polled, last = [], ""

    async def poll() -> None:
        nonlocal last
        async for document in store.events.find({"_id": {"$gt": last}}).sort("_id"):
            polled.append(number_in(document["data"]))
            last = document["_id"]

    async with relaying(relay_of(store, scene)):
        await store.append("stream-0", [event(0)], expected_version=0, origin=ORIGIN)
        await until(lambda: all_published(store))  # it has its turn: a transaction does not stay open for long
        first = asyncio.create_task(
            store.append("stream-1", [event(1)], expected_version=0, origin=ORIGIN, also=take_long)
        )
        await written.wait()
        await store.append("stream-2", [event(2)], expected_version=0, origin=ORIGIN)
        await poll()
        await until(lambda: all_published(store))
        commit.set()
        await first
        await poll()
        assert polled == [0, 2]
        await until(lambda: all_published(store))
    assert sorted(await numbers_in(scene)) == [0, 1, 2]


async def test_a_client_with_a_time_limit_breaks_off_a_stream_that_is_quiet_and_our_relay_is_woken_even_so(
    store: EventStore, scene: Scene, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pymongo.timeout(None)` does not lift the client's own limit (`timeout(0)` does)."""
    async with AsyncMongoClient[Document](servers.mongodb_uri, timeoutMS=1_500) as hasty:
        impatient = EventStore(hasty[store.database.name], "identity")
        with pytest.raises(PyMongoError), timeout(None):
            async with await impatient.events.watch(INSERTED) as changes:
                await anext(changes)

        monkeypatch.setattr("eventlog.relay.SWEEP_SECONDS", 60.0)
        async with relaying(relay_of(impatient, scene)):
            await asyncio.sleep(2)
            await store.append("stream", [event(1)], expected_version=0, origin=ORIGIN)
            await until(lambda: all_published(store), seconds=5)


def of_another_server(token: str) -> str:
    """The same token with a time of which this server knows nothing."""
    return f"{token[:2]}0000000100000001{token[18:]}"
