"""Parked events, from the operator's side: looked at without being seen, let go on in order and once, or dropped."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background
from eventlog.projector import Projector, Write
from eventlog.store import EventStore
from eventlog.supervisor import Looks, supervise
from medonline_contracts.envelope import Envelope, Event
from tests.eventlog.conftest import event, number_of, until
from tests.eventlog.records import Record, envelopes_of, project, records_of
from tests.ops.conftest import YES, Publisher, World

SNILS = "112-233-445 95"


@dataclass
class Service:
    """A service whose fold fails for the number 13 until `mended`."""

    world: World
    publisher: Publisher
    stream: str
    mended: bool = False

    def listener(self) -> Listener:
        """Its listener, to be run."""
        cards = self.world.databases["cards"]
        delivery = Delivery(Parking(cards, self.world.group()), Projector(cards, self._project).apply)
        return Listener(self.world.installation.kafka_access, self.world.group(), [self.publisher.topic], delivery)

    async def parked(self) -> list[str]:
        """The ids of what is parked, in order."""
        found = self.world.databases["cards"]["parked"].find({"dropped_at": {"$exists": False}}).sort("offset")
        return [parked["_id"] async for parked in found]

    async def effects(self) -> list[str]:
        """The rows: which events took effect."""
        return sorted([row["_id"].split(":")[1] async for row in self.world.databases["cards"]["rows"].find()])

    def _project(self, envelope: Envelope[Event]) -> Sequence[Write]:
        if self.mended:
            envelope = replace(envelope, event=event(number_of(envelope) + 100))
        return project(envelope)


@pytest.fixture
async def service(world: World, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Service:
    """With events 1, 13 and 3 of one stream on the topic."""
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0.01,))
    service = Service(world, publisher, str(uuid4()))
    store = EventStore(world.databases["cards"], "cards")
    await publisher.publish(*records_of(await envelopes_of(store, service.stream, [1, 13, 3])))
    return service


@pytest.fixture
async def running(service: Service) -> AsyncIterator[Service]:
    """The service runs, and the two last events are parked."""
    async with background(supervise(service.listener(), Looks())):
        await until(lambda: _holds(service, 2))
        yield service


async def test_a_parked_stream_is_listed_by_its_first_event(running: Service) -> None:
    answer = await running.world.ops("dlq", "list", "--json")
    [stream] = answer.json["parked"]
    assert (stream["stream"], stream["reason"], stream["events"]) == (running.stream, "ValueError", 2)
    assert stream["id"] == (await running.parked())[0]
    assert (await running.world.ops("dlq", "list", "--group", "cards.other", "--json")).json == {"parked": []}
    assert (await running.world.ops("dlq", "list", "--parked-because", "Value", "--json")).json == answer.json
    assert running.stream in (await running.world.ops("dlq", "list")).out


async def test_what_would_be_done_is_shown_and_only_done_when_told_so(running: Service) -> None:
    first, _ = await running.parked()
    running.mended = True
    for command in ("redrive", "drop"):
        answer = await running.world.ops("dlq", command, first, "--json")
        assert (answer.exit, answer.json["done"]) == (6, False)
        assert first in answer.json["would"][0]
    await asyncio.sleep(1.5)
    assert len(await running.parked()) == 2


async def test_a_redriven_event_goes_on_with_those_behind_it_in_order_and_once(running: Service) -> None:
    first, _ = await running.parked()
    running.mended = True
    answer = await running.world.ops("dlq", "redrive", first, *YES, "--json")
    [outcome] = answer.json["outcomes"]
    assert (answer.exit, outcome["became"], outcome["went_on"], outcome["still_parked"]) == (0, "redriven", 2, 0)
    assert (await running.parked(), await running.effects()) == ([], ["1", "2", "3"])


async def test_an_event_that_still_fails_is_told_to_be_parked_again(running: Service) -> None:
    first, _ = await running.parked()
    answer = await running.world.ops("dlq", "redrive", "--all", "--group", running.world.group(), *YES, "--json")
    [outcome] = answer.json["outcomes"]
    assert (answer.exit, outcome["id"], outcome["became"], outcome["reason"]) == (
        1,
        first,
        "parked again",
        "ValueError",
    )
    assert len(await running.parked()) == 2


async def test_a_dropped_event_is_passed_over_for_good_and_its_stream_goes_on(running: Service) -> None:
    first, _ = await running.parked()
    told = await running.world.ops("dlq", "drop", first)
    assert "for good" in told.out
    assert "never happens" in told.out
    answer = await running.world.ops("dlq", "drop", first, *YES, "--json")
    assert (answer.exit, answer.json["outcomes"][0]["became"]) == (0, "dropped")
    assert (await running.parked(), await running.effects()) == ([], ["1", "3"])
    [dropped] = (await running.world.ops("dlq", "list", "--dropped", "--json")).json["dropped"]
    assert (dropped["id"], dropped["headers"], dropped["value"]) == (first, {}, None)
    assert "in the topic alone" in (await running.world.ops("dlq", "show", first)).out
    again = await running.world.ops("dlq", "redrive", first, *YES, "--json")
    assert (again.exit, "that is for good" in again.json["error"]["sentence"]) == (4, True)


async def test_only_the_first_of_a_stream_can_be_ordered_about(running: Service) -> None:
    first, behind = await running.parked()
    answer = await running.world.ops("dlq", "drop", behind, *YES, "--json")
    assert (answer.exit, first in answer.json["error"]["sentence"]) == (4, True)
    assert (await running.world.ops("dlq", "redrive", "no-such-id", *YES)).exit == 4


async def test_an_order_that_nobody_carries_out_stands_and_that_is_said(service: Service) -> None:
    async with background(supervise(service.listener(), Looks())):
        await until(lambda: _holds(service, 2))
    first, _ = await service.parked()
    answer = await service.world.ops("dlq", "redrive", first, *YES, "--wait-seconds", "0.5", "--json")
    assert (answer.exit, answer.json["outcomes"][0]["became"]) == (5, "not yet done")
    service.mended = True
    async with background(supervise(service.listener(), Looks())):
        await until(lambda: _holds(service, 0))
    assert await service.effects() == ["1", "2", "3"]


async def test_a_parked_event_is_shown_without_what_stands_in_it(world: World) -> None:
    poison = Record(SNILS.encode(), f'{{"person": {{"snils": "{SNILS}"}}}}'.encode(), [("ce_type", SNILS.encode())])
    await Parking(world.databases["cards"], world.group()).park(poison, f"{SNILS}: is null")
    [stream] = (await world.ops("dlq", "list", "--json")).json["parked"]
    for arguments in (["list"], ["show", stream["id"]], ["show", stream["id"], "--json"], ["drop", stream["id"]]):
        answer = await world.ops("dlq", *arguments)
        assert SNILS not in answer.out + answer.error
    shown = (await world.ops("dlq", "show", stream["id"], "--json")).json
    assert (shown["value"], shown["headers"]) == (
        {"person": {"snils": "text of 14 characters"}},
        {"ce_type": "*** (14 bytes)"},
    )


async def test_one_event_or_all_has_to_be_said(world: World) -> None:
    for arguments in ([], ["some-id", "--all"], ["some-id", "--group", "cards.view"]):
        assert (await world.ops("dlq", "redrive", *arguments, *YES)).exit == 2
    assert (await world.ops("dlq", "redrive", "--all", *YES, "--json")).json == {"done": True, "outcomes": []}


async def _holds(service: Service, parked: int) -> bool:
    return len(await service.parked()) == parked
