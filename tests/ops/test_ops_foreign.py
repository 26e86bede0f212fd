"""Somebody else writes to a service's topic: it is found and named, and never brought into the log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI

from eventlog.documents import document_of, record_of
from eventlog.store import EventStore
from medonline_contracts.envelope import Envelope
from medonline_contracts.topics import Topic
from ops.doctor_log import log_findings
from ops.findings import Code
from ops.installation import Installation
from ops.log import _refusal, _told_of
from ops.problem import Problem
from ops.reimport import KEPT_ASIDE, require_stopped, set_aside
from ops.survey import survey
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record
from tests.ops.conftest import Publisher, World
from tests.serving import served

LOG = "identity"


@pytest.fixture
def installation(world: World, topic: Topic) -> Installation:
    """One service with a log, which goes to the topic of this test."""
    return replace(world.installation, databases={LOG: world.databases[LOG]}, topics=(topic,))


async def write(publisher: Publisher, source: str) -> None:
    told = record_of(document_of(Envelope(str(uuid4()), source, "stream", 1, datetime.now(UTC), ORIGIN, event(1))))
    await publisher.publish(Record(told["key"], told["value"], told["headers"]))


async def test_an_event_of_another_source_is_refused_with_its_place(
    publisher: Publisher, installation: Installation
) -> None:
    await write(publisher, "/medonline/identity")
    await write(publisher, "/medonline/cards")
    found = await survey(installation, LOG)
    assert (found.missing, found.foreign) == (1, [f"{found.topic.name}/0@1"])
    with pytest.raises(Problem, match=f"{found.topic.name}/0@1.*Somebody else writes"):
        _refusal(found, True)


async def test_what_would_be_brought_back_is_told_by_type_and_by_kafkas_times(
    publisher: Publisher, installation: Installation
) -> None:
    await write(publisher, "/medonline/identity")
    found = await survey(installation, LOG)
    assert found.span
    assert all(abs(time - datetime.now(UTC)) < timedelta(minutes=1) for time in found.span)
    told = _told_of(found)
    assert f"1 {event(1).type_name()}; written to Kafka between {found.span[0]:%Y-%m-%d %H:%M}" in told
    assert "If no backup was restored, do not reimport" in told


@pytest.mark.parametrize(
    ("source", "told"),
    [("/medonline/identity", "If no backup was restored, do not reimport"), ("/medonline/cards", "Do not reimport")],
)
async def test_the_doctor_says_that_it_may_be_no_backup(
    publisher: Publisher, installation: Installation, source: str, told: str
) -> None:
    await write(publisher, source)
    [finding] = await log_findings(installation)
    assert (finding.code, told in finding.sentence) == (Code.TOPIC_AHEAD, True)


async def test_a_service_that_answers_at_its_address_is_not_stopped(installation: Installation) -> None:
    async with served(FastAPI()) as url:
        running = replace(installation, urls={LOG: url})
        with pytest.raises(Problem, match="still runs"):
            await require_stopped(running, LOG, patience=0)
    assert await require_stopped(running, LOG, patience=0) is not None


async def test_what_is_set_aside_is_deleted_after_ninety_days(world: World, installation: Installation) -> None:
    await EventStore(world.databases[LOG], LOG).prepare()
    await set_aside(installation, LOG, await survey(installation, LOG))
    index = (await world.databases[LOG]["set_aside"].index_information())["set_aside_at_1"]
    assert (index["expireAfterSeconds"], KEPT_ASIDE.days) == (90 * 86_400, 90)
