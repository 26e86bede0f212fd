"""A service of our own to be struck: `python -m tests.faults.worker` runs real parts of the log under the supervisor.

The environment says on which ground (FAULT_GROUND, JSON), which parts (FAULT_PARTS) and what befalls each of its lives
(FAULT_PLANS, as `Strike` reads it); when a life was killed the next one begins, without the seconds that an interpreter
takes to start, and the last one is left alone. What happens is told on standard output, one JSON object a line.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Sequence

from pymongo import AsyncMongoClient

from eventlog.agreement import Agreement
from eventlog.bus import REACTED_AT_ONCE
from eventlog.delivery import Delivery
from eventlog.generations import Generations
from eventlog.lane import Deliver
from eventlog.lease import Lease
from eventlog.listener import FOLDED_AT_ONCE
from eventlog.parking import Parking, RawRecord
from eventlog.process import background, once_available, open_client
from eventlog.projection import Views
from eventlog.projector import Projector
from eventlog.reactor import React, Reaction, Reactor
from eventlog.relay import Relay
from eventlog.state_feed import StateFeed
from eventlog.store import Document
from eventlog.supervisor import Looks, Part, supervise, turns
from eventlog.turn import producer_of
from medonline_contracts.envelope import Envelope, Event
from tests.faults.ground import VIEWS, Ground, react_in, state_of
from tests.faults.steps import Strike, StruckCollections, StruckListener, struck_feed, struck_log, struck_producer, tell

HEALTH_SECONDS = 0.2


class ToldDelivery(Delivery):
    """Tells which records were in hand from when to when (seconds of the machine's own clock)."""

    async def deliver(self, records: Sequence[RawRecord]) -> None:
        begun = time.monotonic()
        done = False
        try:
            await super().deliver(records)
            done = True
        finally:
            first, last = records[0], records[-1]
            span = [first.partition, first.offset, last.offset]
            tell(delivered=span, begun=begun, ended=time.monotonic(), done=done)


class Parts:
    """Makes the parts that a worker consists of."""

    def __init__(self, ground: Ground, client: AsyncMongoClient[Document], strike: Strike) -> None:
        self.ground = ground
        self.client = client
        self.strike = strike

    async def relay(self) -> Part:
        """Log → topic. Its lease is short, so that a successor need not wait long."""
        ground, store = self.ground, struck_log(self.strike, self.ground.store(self.client))
        await store.prepare()
        lease = Lease(store.database, f"relay.{ground.name}", seconds=2)
        return Relay(
            store,
            Agreement(store, ground.topic, ground.kafka),
            lease,
            lambda: struck_producer(self.strike, producer_of(ground.kafka, ground.topic)),
        )

    async def projector(self) -> Part:
        """Topic → view."""
        database = self.client[self.ground.name]
        parking = Parking(database, self.ground.view_group)
        await parking.prepare()
        projector = Projector(StruckCollections(self.strike, database), self.ground.projection.project)
        return self._listener(
            "projector", self.ground.view_group, ToldDelivery(parking, projector.apply), FOLDED_AT_ONCE
        )

    async def reactor(self) -> Part:
        """Topic → reactions."""
        answers = struck_log(self.strike, self.ground.answers(self.client))
        reactor = Reactor(answers, "answering", self._struck(react_in(answers)))
        parking = Parking(answers.database, self.ground.reactor_group)
        for prepared in (answers, reactor, parking):
            await prepared.prepare()
        delivery = Delivery(parking, reactor.apply, reactor.skip)
        return self._listener("reactor", self.ground.reactor_group, delivery, REACTED_AT_ONCE)

    async def state(self) -> Part:
        """View → compacted topic."""
        ground = self.ground
        views = Views(self.client[ground.name], ground.projection)
        await views.prepare()
        agrees = Agreement(ground.store(self.client), ground.topic, ground.kafka).holds
        return struck_feed(self.strike, StateFeed(views, VIEWS, ground.state_topic, ground.kafka, state_of, agrees))

    async def generations(self) -> Part:
        """Topic → view, in generations."""
        views = Views(self.client[self.ground.name], self.ground.projection)
        await views.prepare()
        return Generations(views, self.ground.kafka, Looks())

    def _listener(self, part: str, group: str, delivery: Deliver, at_once: int) -> Part:
        listener = StruckListener(self.ground.kafka, group, [self.ground.topic], delivery, at_once)
        listener.strike, listener.part = self.strike, part
        return listener

    def _struck(self, react: React) -> React:
        """Steps: a reaction is begun; its transaction is open."""

        async def struck(envelope: Envelope[Event]) -> Reaction:
            self.strike.at("reactor.begun")
            reaction = await react(envelope)
            if also := reaction.also:

                async def inside(session: object) -> None:
                    await also(session)  # type: ignore[arg-type]  # whatever the store hands in
                    self.strike.at("reactor.inside")

                return Reaction(reaction.stream_id, reaction.expected_version, reaction.events, inside)
            return reaction

        return struck


async def live(ground: Ground, names: Sequence[str], strike: Strike) -> None:
    """One life, until SIGTERM."""
    told_to_end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
    async with open_client(ground.mongodb_uri) as client:
        makers = Parts(ground, client, strike)
        parts: list[Part] = []

        async def make() -> None:
            parts[:] = [await getattr(makers, name)() for name in names]

        await once_available(make)
        async with background(*(supervise(part, Looks()) for part in parts), _tell_health(parts)):
            tell(began=names)
            await told_to_end.wait()
        tell(ended=True)


async def _tell_health(parts: Sequence[Part]) -> None:
    before = None
    while True:
        now = all(turns(part) and getattr(part, "gets_on", lambda: True)() for part in parts)
        if now != before:
            tell(healthy=now, at=time.monotonic())
        before = now
        await asyncio.sleep(HEALTH_SECONDS)


def main() -> None:
    """A life for each plan, and one more."""
    ground = Ground(**json.loads(os.environ["FAULT_GROUND"]))
    names = os.environ["FAULT_PARTS"].split()
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ending.append(number))
    for plan in [*os.environ.get("FAULT_PLANS", "").split(), ""]:
        if not (child := os.fork()):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing is left behind
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            asyncio.run(live(ground, names, Strike(plan)))
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ending or code != -signal.SIGKILL:
            sys.exit(code)


if __name__ == "__main__":
    main()
