"""The doctor on the services: whatever is wrong in their databases or at their doors is found, named and explained."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

from eventlog.lease import Lease
from eventlog.parking import Parking
from eventlog.reactor import Reaction, Reactor
from eventlog.store import Document, EventStore
from medonline_contracts.envelope import Envelope, Event
from ops.doctor import report_of
from ops.doctor_mongodb import clock_findings
from ops.findings import Code, Severity
from tests.eventlog.records import Record, envelopes_of
from tests.ops.conftest import World

LONG_AGO = datetime.now(UTC) - timedelta(minutes=10)


async def found(world: World, *arguments: str, **environment: str) -> dict[str, set[str]]:
    """What `ops doctor` finds: codes, each with where."""
    answer = await world.ops("doctor", "--json", *arguments, **environment)
    codes: dict[str, set[str]] = {}
    for finding in answer.json["findings"]:
        codes.setdefault(finding["code"], set()).add(finding["subject"])
    assert answer.exit in (1, 3), "something is wrong in every one of these tests"
    return codes


async def unpublished(world: World, service: str) -> EventStore:
    """An event that has waited for ten minutes."""
    store = EventStore(world.databases[service], service)
    await envelopes_of(store, str(uuid4()), [1])
    await store.events.update_one({}, {"$set": {"time": LONG_AGO}})
    return store


def test_where_nothing_is_wrong_that_is_said() -> None:
    report = report_of([])
    assert (report.exit, report.document) == (0, {"healthy": True, "services_asked": True, "findings": []})


@pytest.mark.parametrize(("seconds", "wrong"), [(-60, True), (-3, False), (3, False), (60, True)])
def test_clocks_far_apart_are_found(seconds: int, wrong: bool) -> None:
    now = datetime.now(UTC)
    assert bool(clock_findings(now + timedelta(seconds=seconds), now, bound=5)) is wrong


async def test_an_old_outbox_is_told_apart_from_one_that_nobody_publishes(world: World) -> None:
    await unpublished(world, "identity")
    store = await unpublished(world, "cards")
    assert await Lease(store.database, "relay.cards.events").acquire()
    codes = await found(world)
    assert (codes["OPS-OUTBOX-OLD"], codes["OPS-RELAY-NOBODY"]) == ({"cards"}, {"identity"})
    assert "OPS-OUTBOX-OLD" not in await found(world, "--outbox-seconds", "3600")


async def test_a_compacted_topic_that_nobody_keeps_up_to_date_is_found(world: World) -> None:
    assert (await found(world))["OPS-STATE-NOBODY"] == {"cards.state"}
    assert await Lease(world.databases["cards"], "state.cards.state").acquire()
    assert "OPS-STATE-NOBODY" not in await found(world)


async def test_parked_events_are_told_apart_from_those_that_wait_for_newer_code(world: World) -> None:
    for service, waits in (("cards", False), ("settings", True)):
        parking = Parking(world.databases[service], world.group(service))
        for offset in range(2):
            await parking.park(
                Record(b"stream", b"{", [], offset=offset), "ce_type: is null", waits=waits and not offset
            )
        await world.databases[service]["parked"].update_many({}, {"$set": {"parked_at": LONG_AGO}})
    codes = await found(world)
    assert (codes["OPS-PARKED"], codes["OPS-NEWER-VERSION"]) == ({world.group("cards")}, {world.group("settings")})
    told = (await world.ops("doctor", "--json")).out
    assert re.search(r"2 events of 1 stream are parked, the oldest for \d+ min\.", told)


async def test_a_dropped_event_is_no_alarm_any_more(world: World) -> None:
    parking = Parking(world.databases["cards"], world.group())
    await parking.park(Record(b"stream", b"{", []), "ce_type: is null")
    await world.databases["cards"]["parked"].update_many({}, {"$set": {"dropped_at": LONG_AGO}})
    assert "OPS-PARKED" not in await found(world)


async def test_a_reaction_that_waits_for_an_event_which_does_not_come_is_found(world: World) -> None:
    async def react(envelope: Envelope[Event]) -> Reaction:
        return Reaction("answers", 0)

    store = EventStore(world.databases["identity"], "identity")
    _, second = await envelopes_of(store, str(uuid4()), [1, 2])
    await Reactor(store, world.group("identity"), react).apply([second])
    assert "OPS-REACTOR-WAITING" not in await found(world)
    await store.database["reactor_waiting"].update_one({}, {"$set": {"event.time": LONG_AGO}})
    assert (await found(world))["OPS-REACTOR-WAITING"] == {world.group("identity")}


@pytest.mark.parametrize(
    ("pointer", "code"),
    [
        ({"active": 1, "kept": [1, 2]}, Code.REBUILD_UNFINISHED),
        ({"active": 2, "kept": [1]}, Code.POINTER_BROKEN),
        ({"active": 3, "kept": [3], "latest": 3}, Code.GENERATION_LEFTOVER),
    ],
)
async def test_generations_that_are_not_in_order_are_found(world: World, pointer: Document, code: Code) -> None:
    described = {"_id": world.group(), "topics": [], "collections": ["views"]}
    await world.databases["cards"]["projections"].insert_one(described | pointer)
    await world.databases["cards"]["views.g2"].insert_one({})
    assert (await found(world))[code] == {world.group()}


@asynccontextmanager
async def service_that_answers(status: str, body: str) -> AsyncIterator[str]:
    """A door that answers every question like this; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_service_that_is_not_ready_or_does_not_answer_is_found(world: World) -> None:
    async with (
        service_that_answers("503 Service Unavailable", '{"mongodb": true, "relay": false}') as ill,
        service_that_answers("200 OK", '{"mongodb": true}') as well,
    ):
        urls = f'{{"cards": "{ill}", "identity": "{well}", "settings": "http://127.0.0.1:1"}}'
        answer = await world.ops("doctor", "--json", OPS_SERVICE_URLS=urls)
    told = {f["subject"]: f["sentence"] for f in answer.json["findings"] if f["code"] == Code.SERVICE_NOT_READY}
    assert told["cards"] == "It is not ready: relay."
    assert set(told) == {"cards", "settings"}


def without_password(uri: str) -> str:
    """The address with a password that nobody has."""
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=f"root:wrong@{parts.netloc.split('@')[-1]}"))


def nowhere(_: str) -> str:
    """Where nothing listens."""
    return "mongodb://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("address", "code"), [(nowhere, Code.MONGODB_UNREACHABLE), (without_password, Code.MONGODB_REFUSED)]
)
async def test_without_mongodb_the_doctor_still_looks_at_kafka(
    world: World, address: Callable[[str], str], code: Code
) -> None:
    answer = await world.ops("doctor", "--json", MONGODB_URI=address(world.environment["MONGODB_URI"]))
    codes = {finding["code"] for finding in answer.json["findings"]}
    assert answer.exit == 3
    assert code in codes
    assert Code.KAFKA_UNREACHABLE not in codes


async def test_without_kafka_the_doctor_still_looks_at_mongodb(world: World) -> None:
    await unpublished(world, "cards")
    codes = await found(world, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert codes.keys() >= {Code.KAFKA_UNREACHABLE, Code.RELAY_NOBODY}


async def test_the_worst_comes_first_and_each_says_where_to_read_on(world: World) -> None:
    await unpublished(world, "cards")
    findings = (await world.ops("doctor", "--json")).json["findings"]
    severities = [finding["severity"] for finding in findings]
    assert severities == sorted(severities)
    assert {Severity.CRITICAL, Severity.WARNING} == set(severities)
    relay = next(finding for finding in findings if finding["code"] == "OPS-RELAY-NOBODY")
    assert relay["section"] == "docs/operations/doctor.md#ops-relay-nobody"
    text = (await world.ops("doctor")).out
    assert "docs/operations/doctor.md#ops-relay-nobody" in text
