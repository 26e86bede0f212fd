"""The steps at which a worker can be struck: wrapped around the real parts from outside, so that they know nothing."""

import json
import os
import signal
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from eventlog.listener import Listener
from eventlog.projector import Collections
from eventlog.state_feed import StateFeed
from eventlog.store import Document, EventStore

RELAY_STEPS = ("relay.sending", "relay.sent", "relay.acknowledged", "relay.marked")
PROJECTOR_STEPS = tuple(f"projector.{step}" for step in ("begun", "in_bulk", "between", "written", "committed"))
STATE_STEPS = tuple(f"state.{step}" for step in ("sending", "sent", "acknowledged", "marked"))
REACTOR_STEPS = tuple(f"reactor.{step}" for step in ("begun", "inside", "appended", "written", "committed"))


class Strike:
    """What befalls one life: `relay.sent:3` kills it the third time it comes to that step; `…:stop` freezes it."""

    def __init__(self, plan: str) -> None:
        self._step, self._left, how = "", 0, "kill"
        if plan:
            self._step, count, *more = plan.split(":")
            self._left, how = int(count), (more or ["kill"])[0]
        self._signal = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[how]

    def is_next(self, step: str) -> bool:
        """Whether coming to this step once more is the end."""
        return step == self._step and self._left == 1

    def at(self, step: str) -> None:
        """The step was come to."""
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                tell(struck=step)
                os.kill(os.getpid(), self._signal)

    def around(self, target: object, method: str, *, before: str = "", after: str = "") -> None:
        """Come to these steps before and after each call of the method."""
        original = getattr(target, method)

        async def wrapped(*args: Any, **options: Any) -> Any:
            self.at(before)
            result = await original(*args, **options)
            self.at(after)
            return result

        setattr(target, method, wrapped)


def tell(**what: object) -> None:
    """One line on standard output, written before anything else can happen."""
    os.write(1, json.dumps(what).encode() + b"\n")


def struck_producer(strike: Strike, producer: AIOKafkaProducer, part: str = "relay") -> AIOKafkaProducer:
    """Steps: a record handed over; all acknowledged but the transaction open; Kafka has acknowledged the whole."""
    strike.around(producer, "send", after=f"{part}.sending")
    strike.around(producer, "commit_transaction", before=f"{part}.sent", after=f"{part}.acknowledged")
    return producer


def struck_feed(strike: Strike, feed: StateFeed) -> StateFeed:
    """Steps: those of its producer, and its place in the changes is kept."""
    turn = feed._turn
    new_producer = turn._new_producer
    turn._new_producer = lambda: struck_producer(strike, new_producer(), "state")
    strike.around(feed._places, "update_one", after="state.marked")
    return feed


def struck_log(strike: Strike, store: EventStore) -> EventStore:
    """Steps: the events are marked as published; a reaction is appended."""
    strike.around(store.events, "update_many", after="relay.marked")
    strike.around(store, "append", after="reactor.appended")
    return store


class StruckCollections:
    """Steps: a bulk is begun; half of it is written; the first of two collections is written."""

    def __init__(self, strike: Strike, collections: Collections) -> None:
        self._strike = strike
        self._collections = collections

    def __getitem__(self, name: str) -> AsyncCollection[Document]:
        collection = self._collections[name]
        write = collection.bulk_write

        async def bulk_write(operations: Sequence[UpdateOne], **options: Any) -> Any:
            self._strike.at("projector.begun")
            if len(operations) > 1:
                if self._strike.is_next("projector.in_bulk"):
                    await write(operations[: len(operations) // 2], **options)
                self._strike.at("projector.in_bulk")
            result = await write(operations, **options)
            self._strike.at("projector.between")
            return result

        setattr(collection, "bulk_write", bulk_write)  # noqa: B010  this object alone
        return collection


class StruckListener(Listener):
    """Steps: a batch is written and not yet committed; it is committed."""

    strike: Strike
    part: str

    def _new_consumer(self) -> Any:
        consumer = super()._new_consumer()
        self.strike.around(consumer, "commit", before=f"{self.part}.written", after=f"{self.part}.committed")
        return consumer
