"""Operating the whole portal: where people go about their business, `ops` finds nothing wrong and shows nobody."""

import asyncio
import json

from deploy.local.stack import Stack
from medonline_contracts.cards import PatientCardState
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated
from tests.journeys.evidence import events
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen, register
from tests.journeys.visitor import Visitor
from tests.ops.conftest import YES, Answer, call


async def ops(stack: Stack, *arguments: str) -> Answer:
    """Call it as the last lines of `make run` say."""
    return await asyncio.to_thread(call, "--env-file", str(stack.ops_env), *arguments)


async def registered(stack: Stack) -> Citizen:
    """Somebody new whose card is there."""
    person = newcomer(stack)
    async with Visitor(stack.portal_url) as visitor:
        await register(visitor, stack, person)
    return person


async def test_the_doctor_finds_nothing_wrong_with_a_portal_that_works(portal: Stack) -> None:
    await registered(portal)
    async with asyncio.timeout(60):
        while (answer := await ops(portal, "doctor", "--json")).exit:
            await asyncio.sleep(1)  # what other tests have struck comes back by itself
    assert answer.json == {"healthy": True, "services_asked": True, "findings": []}
    portal.kill("cards")
    try:
        struck = await ops(portal, "doctor", "--json")
    finally:
        portal.start("cards")
    assert ("OPS-SERVICE-NOT-READY", "cards") in {(f["code"], f["subject"]) for f in struck.json["findings"]}


async def test_what_is_read_is_what_the_log_says(portal: Stack) -> None:
    await registered(portal)
    for projection in ("cards.view", "settings.view"):
        verified = await ops(portal, "projection", "verify", projection, *YES, "--json")
        assert (verified.exit, verified.json["equal"], verified.json["parked"]) == (0, True, 0)
        assert verified.json["events"] > 0


async def test_the_events_pass_without_the_people_they_are_about(portal: Stack) -> None:
    person = await registered(portal)
    answer = await ops(portal, "events", "tail", "--from", "beginning", "--no-follow", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert {line["topic"] for line in lines} >= {"identity.events", "cards.state"}
    assert {line["type"] for line in lines if "type" in line} >= {
        event.__name__ for event in (ConsentGiven, EsiaAuthenticated, PatientCardState)
    }
    said = person.esia["person"]
    for secret in (said["lastName"], said["snils"], person.login, "".join(c for c in person.login if c.isdigit())):
        assert secret not in answer.out


async def test_the_topics_are_as_the_contracts_declare_them(portal: Stack) -> None:
    answer = await ops(portal, "topics", "check", "--replicas", "1", "--min-in-sync", "1", "--json")
    assert (answer.exit, answer.json["differences"]) == (0, [])


async def test_a_consent_is_proved_by_the_log_and_by_the_text_that_identity_publishes(portal: Stack) -> None:
    await registered(portal)
    given = [e for e in await events(portal) if isinstance(e.event, ConsentGiven)]
    counted = (await ops(portal, "consent", "report", "--json")).json["consents"]
    assert sum(text["valid"] for text in counted) == len({envelope.stream_id for envelope in given})
    newest = max(given, key=lambda envelope: envelope.time)
    asked = ("--account", newest.stream_id, "--reason", "a test", "--json")
    *_, proof = (await ops(portal, "consent", "report", *asked)).json["consents"]
    assert (proof["event_id"], proof["text_is_published"]) == (newest.id, True)
    assert (proof["address"], "httpx" in proof["user_agent"]) == ("127.0.0.1", True)
    [record, *_] = (await ops(portal, "record", "list", "--json")).json["records"]
    assert (record["command"], record["outcome"]["exit"]) == ("consent report", "fine")
