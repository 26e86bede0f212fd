"""A night on which an older dump is restored, on real servers, as docs/operations/restore.md says; Kafka is kept."""

import asyncio
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path

import httpx
import pytest

from deploy.local.secrets import DATABASES
from deploy.local.stack import Stack
from eventlog.process import open_client
from eventlog.store import EventStore
from medonline_contracts.topics import CARDS_STATE, TOPICS
from services.cards.state import state_of
from services.cards.views import PATIENT_CARDS
from tests.eventlog.conftest import until
from tests.journeys.evidence import records
from tests.ops.conftest import Answer, call
from tests.restore.checklist import commands
from tests.restore.people import ANEW, BEFORE, DAUGHTER, LATER, SON, Town
from tests.restore.tools import PROGRAMS, OwnTools, StandIns, Tools, at_hand
from tests.traps.ours import all_published

SERVICES = (*DATABASES, "portal")


async def ops(stack: Stack, *arguments: str) -> Answer:
    return await asyncio.to_thread(call, "--env-file", str(stack.ops_env), *arguments)


NOT_TRIED = f"the dump's script and the page's lines NOT TRIED: they run where {', '.join(PROGRAMS)} are on the PATH"
TRIED = [StandIns, pytest.param(OwnTools, marks=pytest.mark.skipif(not at_hand(), reason=NOT_TRIED))]


@pytest.fixture(params=TRIED)
def tools(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Tools:
    made: Tools = request.param(stack, tmp_path)
    return made


@pytest.mark.timeout(600)  # a whole night at once
async def test_an_older_dump_is_restored_and_nothing_that_was_published_is_lost(stack: Stack, tools: Tools) -> None:
    town = await Town.before_the_dump(stack)
    await tools.dump()
    await town.after_the_dump()
    await until_all_is_published(stack)
    known = await versions_given_out(stack)
    await walk(stack, tools)
    assert await versions_given_out(stack) == known  # nothing was published in between, and nothing twice
    await assert_logs_are_their_topics(stack)
    await assert_hospitals_see_the_cards_as_they_are(stack)
    await assert_people_go_on(stack, town)
    await town.leave()


async def until_all_is_published(stack: Stack) -> None:
    """The reaction to the last password, too."""
    async with open_client(stack.servers.mongo.uri("root")) as client:
        for service in DATABASES:
            await until(partial(all_published, EventStore(client[service], service)))


async def walk(stack: Stack, tools: Tools) -> None:
    """The checklist: `ops` as it stands there, stand-ins for kubectl; what is restored somebody starts too early."""
    done = Counter[str]()
    for command in commands():
        match command:
            case ["kubectl", *scaled, "--replicas=0"] if "identity" in scaled:
                stop(stack)
            case ["mongosh", *_]:
                await tools.type(command)
            case ["mongorestore", *_]:
                await tools.type(command)
                await start_too_early(stack)
            case ["kubectl", *_, "--replicas=2"]:
                for service in SERVICES:
                    await asyncio.to_thread(stack.start, service)
                await until_nothing_lags(stack)
            case ["kubectl", *_]:  # what a cluster alone has
                pass
            case ["ops", *arguments]:
                answer = await ops(stack, *arguments)
                planned = "reimport" in arguments and "--yes" not in arguments
                assert answer.exit == (6 if planned else 0), (arguments, answer)
                if tools.takes_the_right and done["mongosh"] == 2:
                    assert "nothing, until" in answer.out, answer
        done[command[0]] += 1
    assert done == {"kubectl": 19, "mongosh": 2, "mongorestore": 1, "ops": 10}


def stop(stack: Stack) -> None:
    for service in reversed(SERVICES):
        stack.stop(service)


async def start_too_early(stack: Stack) -> None:
    """Each relay refuses and says so, the log takes nothing new, and no card is said to be gone."""
    told = await told_to_hospitals(stack)
    for service in DATABASES:
        stack._parts[service].start()  # it would be waited for in vain
    try:
        async with asyncio.timeout(60):
            while not all_refuse(stack):
                await asyncio.sleep(1)
        ahead = {finding["subject"] for finding in await findings(stack) if finding["code"] == "OPS-TOPIC-AHEAD"}
        assert ahead == {f"{service}.events" for service in DATABASES}
        async with httpx.AsyncClient() as http:
            for service, port in (("identity", stack.ports.identity), ("cards", stack.ports.cards)):
                ready = await http.get(f"http://127.0.0.1:{port}/health/ready")
                assert (ready.status_code, ready.json()["relay"]) == (503, False), service
                metrics = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
                assert f'relay_refuses{{topic="{service}.events"}} 1.0' in metrics
    finally:
        for service in DATABASES:
            stack.stop(service)
    assert await told_to_hospitals(stack) == told


async def told_to_hospitals(stack: Stack) -> list[tuple[int, int]]:
    """The records of cards.state, as partition and offset."""
    return sorted(
        (record.partition, record.offset) for record in await records(stack) if record.topic == CARDS_STATE.name
    )


def all_refuse(stack: Stack) -> bool:
    return all("relay_refuses" in stack.log(service).read_text() for service in DATABASES)


async def findings(stack: Stack) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await ops(stack, "doctor", "--json")).json["findings"]
    return found


async def until_nothing_lags(stack: Stack) -> None:
    async with asyncio.timeout(60):
        while (answer := await ops(stack, "lag", "--json")).json["total"] or not answer.json["lags"]:
            await asyncio.sleep(1)


async def versions_given_out(stack: Stack) -> dict[str, Counter[tuple[str, int]]]:
    """By topic of events, how often each version of each stream was published."""
    given_out: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    for record in await records(stack):
        if record.topic != CARDS_STATE.name:
            version = int(dict(record.headers)["ce_streamversion"])
            given_out[record.topic][record.key.decode(), version] += 1
    assert all(set(counted.values()) == {1} for counted in given_out.values())
    return given_out


async def assert_logs_are_their_topics(stack: Stack) -> None:
    """The same ids, in streams without a hole, everything published."""
    there: dict[str, list[str]] = defaultdict(list)
    for record in await records(stack):
        there[record.topic].append(dict(record.headers).get("ce_id", b"").decode())  # a tombstone has none
    async with open_client(stack.servers.mongo.uri("root")) as client:
        for topic in TOPICS:
            if topic is CARDS_STATE:
                continue
            events = await client[topic.producer]["events"].find().sort([("stream_id", 1), ("version", 1)]).to_list()
            assert sorted(event["_id"] for event in events) == sorted(there[topic.name])
            assert all(event["published"] for event in events)
            streams = defaultdict(list)
            for event in events:
                streams[event["stream_id"]].append(event["version"])
            assert all(versions == list(range(1, len(versions) + 1)) for versions in streams.values())


async def assert_hospitals_see_the_cards_as_they_are(stack: Stack) -> None:
    """The last word on each card is that of the view."""
    async with asyncio.timeout(30):
        while not await hospitals_see_the_cards(stack):
            await asyncio.sleep(0.5)


async def hospitals_see_the_cards(stack: Stack) -> bool:
    last = {record.key: record.value for record in await records(stack) if record.topic == CARDS_STATE.name}
    async with open_client(stack.servers.mongo.uri("root")) as client:
        states = [state_of(view) async for view in client["cards"][PATIENT_CARDS].find()]
    return {key: value for key, value in last.items() if value} == {
        state["key"]: state["value"] for state in states if state and state["value"]
    }


async def assert_people_go_on(stack: Stack, town: Town) -> None:
    """No old session or password; through Gosuslugi everybody finds their own account, and a new password works."""
    for holder in (town.old, town.new):
        assert not await holder.is_signed_in()
        assert not await holder.opens_with(stack, BEFORE)
        assert not await holder.opens_with(stack, LATER)
        await holder.come_in("sign_in")
    assert await town.old.browser.set_password(ANEW) == 3
    assert await town.new.browser.set_password(ANEW) == 2
    for holder in (town.old, town.new):
        assert await holder.opens_with(stack, ANEW)
    assert await town.old.number_is_taken(SON)
    assert await town.new.number_is_taken(DAUGHTER)
    assert not await town.old.number_is_taken(DAUGHTER)
