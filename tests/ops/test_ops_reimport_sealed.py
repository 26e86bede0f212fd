"""`ops log reimport` once it has sealed the log: it looks again, and what it refuses then it tells as it stands."""

from dataclasses import replace

import pytest

from eventlog.documents import document_of, record_of
from eventlog.seal import LogSealed
from eventlog.store import EventStore
from medonline_contracts.topics import Topic
from ops.installation import Installation
from ops.log import _refusal, _reimport
from ops.problem import Exit, Problem
from ops.survey import survey
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record, envelopes_of
from tests.ops.conftest import Publisher, World


@pytest.fixture(autouse=True)
def _nobody_believes_the_log_to_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.reimport.UNTIL_KEPT_SECONDS", 0)


@pytest.fixture
def service(world: World) -> str:
    """One of which no other test has groups, which would be forgotten."""
    return f"night{world.mark}"


@pytest.fixture
def installation(at_night: Installation, topic: Topic, service: str) -> Installation:
    """The service alone, whose log goes to the topic of this test."""
    databases = {service: at_night.databases["identity"]}
    return replace(at_night, databases=databases, topics=(replace(topic, producer=service),))


@pytest.fixture
async def store(world: World, service: str, publisher: Publisher) -> EventStore:
    """A log that lacks the second of two events that its topic has."""
    store = EventStore(world.databases["identity"], service)
    await store.prepare()
    for envelope in await envelopes_of(store, "one", [1, 2]):
        sent = record_of(document_of(envelope))
        await publisher.publish(Record(sent["key"], sent["value"], sent["headers"]))
    await store.events.delete_many({"version": 2})
    return store


async def test_what_was_appended_between_the_first_look_and_the_seal_is_in_the_way_and_the_log_stays_sealed(
    store: EventStore, installation: Installation, service: str
) -> None:
    assert _refusal(await survey(installation, service), False) is None
    [appended] = await store.append("one", [event(9)], expected_version=1, origin=ORIGIN)

    refused = await _reimport(installation, service, 0, False)
    told = refused.document["error"]["sentence"]
    assert (refused.exit, "The log is sealed and nothing else was changed" in told) == (Exit.REFUSED, True)
    assert "Nothing was changed" not in told
    assert [conflict["version"] for conflict in refused.document["conflicts"]] == [2]
    with pytest.raises(LogSealed):
        await EventStore(store.database, service).append("two", [event(1)], expected_version=0, origin=ORIGIN)
    assert [envelope.id for envelope in await store.read("one")][1:] == [appended.id]

    done = await _reimport(installation, service, 0, True)
    assert (done.document["reimported"], done.document["set_aside"]) == (1, 1)
    assert [envelope.id for envelope in await store.read("one")][1:] != [appended.id]


async def test_a_foreign_event_that_came_between_the_first_look_and_the_seal_is_told_with_what_stands(
    store: EventStore, installation: Installation, service: str, publisher: Publisher
) -> None:
    assert _refusal(await survey(installation, service), False) is None
    [envelope] = await envelopes_of(EventStore(store.database, "somebody"), "other", [1])
    sent = record_of(document_of(envelope))
    await publisher.publish(Record(sent["key"], sent["value"], sent["headers"]))
    await store.events.delete_many({"stream_id": "other"})
    with pytest.raises(Problem, match=r"Somebody else writes to this topic\. The log is sealed"):
        await _reimport(installation, service, 0, False)
