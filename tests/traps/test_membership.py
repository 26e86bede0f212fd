"""Who works on a partition, and does anybody? Two at once, nobody at all, and a ping that says all is well."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.process import background
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise, turns
from tests.eventlog.conftest import until
from tests.traps.naive import Handler, subscriber
from tests.traps.ours import Ours, shows
from tests.traps.scene import Scene, has_come_to, sent

QUICK = {"heartbeat_interval_ms": 100}


class Slow:
    """A handler that works on each event until it is let go, and notes whether two did so side by side."""

    def __init__(self) -> None:
        self.begun = 0
        self.side_by_side = 0
        self.let_go = asyncio.Event()
        self._now = 0

    async def __call__(self, _: object) -> None:
        self.begun += 1
        self._now += 1
        self.side_by_side = max(self.side_by_side, self._now)
        try:
            await self.let_go.wait()
        finally:
            self._now -= 1

    async def has_begun(self, times: int) -> bool:
        """Whether it was called so often."""
        return self.begun >= times


async def is_rebalancing(scene: Scene) -> bool:
    return (await scene.members())[0] == "PreparingRebalance"


async def has_members(scene: Scene, count: int) -> bool:
    return await scene.members() == ("Stable", count)


async def is_left(scene: Scene) -> bool:
    return await scene.members() == ("Empty", 0)


async def is_so(condition: Callable[[], bool]) -> bool:
    return condition()


async def is_logged(caplog: pytest.LogCaptureFixture, text: str) -> bool:
    return text in caplog.text


async def test_two_members_work_on_one_event_side_by_side_and_ours_wait_for_each_other(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebalance does not wait for FastStream's handler. The member whose id is first gets the first partition."""
    await scene.send(sent(1))
    naive = Slow()
    async with subscriber(scene, naive, ack_policy=AckPolicy.ACK, broker_options={"client_id": "z"}, **QUICK):
        await until(lambda: naive.has_begun(1))
        async with subscriber(scene, naive, ack_policy=AckPolicy.ACK, broker_options={"client_id": "a"}, **QUICK):
            await until(lambda: naive.has_begun(2))
    assert naive.side_by_side == 2

    ids = iter("za")
    monkeypatch.setattr(
        "eventlog.listener.AIOKafkaConsumer",
        lambda **given: AIOKafkaConsumer(**given | QUICK | {"client_id": next(ids)}),
    )
    ours, slow = Ours(scene, database), Slow()
    async with ours.listening(slow):
        await until(lambda: slow.has_begun(1))
        async with ours.listening(slow):
            await until(lambda: is_rebalancing(ours.scene))
            await asyncio.sleep(0.5)
            assert slow.begun == 1
            slow.let_go.set()
            await until(lambda: has_members(ours.scene, 2))
            assert await has_come_to(ours.scene, {0: 1})
    assert slow.begun == 1


async def test_a_handler_slower_than_a_poll_may_be_loses_its_partition_and_never_learns_of_it_and_ours_keeps_it(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """`max.poll.interval`; another member runs the event too. The commit is refused, which FastStream only logs."""
    await scene.send(sent(1))
    slow, other = Slow(), Handler()
    impatient = {"max_poll_interval_ms": 200, "heartbeat_interval_ms": 50}
    options: dict[str, Any] = {"ack_policy": AckPolicy.ACK, **impatient}
    async with subscriber(scene, slow, broker_options={"logger": logging.getLogger("naive")}, **options):
        await until(lambda: slow.has_begun(1))
        await until(lambda: is_left(scene))
        async with subscriber(scene, other, **options):
            await until(lambda: has_come_to(scene, {0: 1}))
            assert other.done == [1]
            slow.let_go.set()
            await until(lambda: is_logged(caplog, "CommitFailedError"))

    impatient = {**impatient, "max_poll_interval_ms": 1_000}  # longer than a busy machine keeps ours from polling
    monkeypatch.setattr("eventlog.listener.AIOKafkaConsumer", lambda **given: AIOKafkaConsumer(**given | impatient))
    monkeypatch.setattr("eventlog.listener.LOOK_SECONDS", 0.05)
    await scene.send(sent(2, partition=1), sent(3, partition=2))  # so that no partition is waited for
    ours, slow = Ours(scene, database), Slow()
    for partition in range(3):  # aiokafka forgets its own limit once a poll has raised, as a group's first one does
        await ours.scene.commit(0, partition)
    async with ours.listening(slow):
        await until(lambda: slow.has_begun(3))
        await asyncio.sleep(2)
        assert await ours.scene.members() == ("Stable", 1)
        slow.let_go.set()
        await until(lambda: has_come_to(ours.scene, {0: 1, 1: 1, 2: 1}))
    assert slow.begun == 3


async def test_a_static_member_that_ends_keeps_its_partitions_and_ours_leaves_them_to_others(
    scene: Scene, database: AsyncDatabase[Document]
) -> None:
    """It says no goodbye: the partitions stand still until its session is over, the more so if it never returns."""
    async with subscriber(scene, Handler(), group_instance_id="a-pod"):
        await until(lambda: has_members(scene, 1))
    assert await scene.members() == ("Stable", 1)

    ours = Ours(scene, database)
    async with ours.listening():
        await until(lambda: has_members(ours.scene, 1))
    assert await ours.scene.members() == ("Empty", 0)


async def test_a_ping_is_answered_for_a_consumer_that_is_dead_and_ours_begins_another_life(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream's ping asks the broker for its address, whatever has become of the subscriber."""
    await scene.send(sent(1))
    handler = Handler()
    async with subscriber(scene, handler, ack_policy=AckPolicy.ACK) as broker:
        await until(lambda: has_come_to(scene, {0: 1}))
        tasks: Sequence[asyncio.Task[None]] = cast(Any, broker.subscribers[0]).tasks
        tasks[0].cancel()
        await asyncio.wait(tasks)
        await scene.send(sent(2))
        await asyncio.sleep(0.5)
        assert await broker.ping(5)
    assert handler.done == [1]

    ours = Ours(scene, database)
    listener = ours.listener()
    async with background(supervise(listener, Looks())):
        await until(lambda: shows(ours, {1, 2}))
        await until(lambda: is_so(partial(turns, listener)))
        monkeypatch.setattr("eventlog.supervisor.PAUSE_SECONDS", 2.0)
        monkeypatch.setattr("eventlog.supervisor.STALLED_SECONDS", 1.5)
        (life,) = (task for task in asyncio.all_tasks() if task.get_name() == listener.name)
        life.cancel()
        await scene.send(sent(3))
        await until(lambda: is_so(lambda: not turns(listener)))
        monkeypatch.undo()
        await until(lambda: shows(ours, {1, 2, 3}))
        await until(lambda: is_so(partial(turns, listener)))


async def test_a_ping_is_answered_for_a_handler_that_hangs_and_ours_says_that_nothing_gets_on(
    scene: Scene, database: AsyncDatabase[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.send(sent(1))
    slow = Slow()
    async with subscriber(scene, slow, ack_policy=AckPolicy.ACK) as broker:
        await until(lambda: slow.has_begun(1))
        assert await broker.ping(5)

    ours, hung = Ours(scene, database), Slow()
    async with ours.listening(hung) as listener:
        await until(lambda: hung.has_begun(1))
        await until(lambda: is_so(listener.gets_on))
        monkeypatch.setattr("eventlog.listener.STALLED_SECONDS", 0.5)
        await until(lambda: is_so(lambda: not listener.gets_on()))
        hung.let_go.set()
        await until(lambda: shows(ours, {1}))
        await until(lambda: is_so(listener.gets_on))
