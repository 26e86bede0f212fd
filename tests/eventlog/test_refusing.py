"""A relay refuses where its log is older than its topic, or the topic is not the one that it wrote to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from eventlog.agreement import Agreement, TopicAhead
from eventlog.documents import document_of, record_of
from eventlog.listener import TopicMissing
from eventlog.process import background
from eventlog.relay import Relay
from eventlog.seal import LogSealed
from eventlog.store import EventStore
from eventlog.supervisor import Looks, supervise, turns
from eventlog.tail import TopicBehind, open_tail
from medonline_contracts.envelope import Envelope
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import ORIGIN, event, until
from tests.eventlog.publishing import append, place_of, publish_all, relay_of, versions_in
from tests.servers import RealServers


@asynccontextmanager
async def refusing(store: EventStore, topic: Topic, servers: RealServers) -> AsyncIterator[Relay]:
    """A relay that has refused at least twice."""
    relay = relay_of(store, topic, servers)
    with capture_logs() as logs:
        async with background(supervise(relay, Looks())):
            await until(lambda: _said(logs, "relay_refuses", 2))
            yield relay


async def _said(logs: Sequence[Mapping[str, object]], what: str, times: int) -> bool:
    return sum(line["event"] == what for line in logs) >= times


@pytest.mark.parametrize("remains", ["an older log", "an empty log", "a log of before there were places"])
async def test_while_the_topic_is_ahead_nothing_is_published_and_nothing_can_be_appended(
    store: EventStore, topic: Topic, servers: RealServers, remains: str
) -> None:
    await append(store, "stream", 1, 2)
    await publish_all(store, topic, servers)
    place = await place_of(store, topic)
    await append(store, "stream", 3, 5)
    await publish_all(store, topic, servers)
    await store.events.delete_many({"version": {"$gt": 2}} if remains != "an empty log" else {})
    if remains == "an older log":
        await store.database["relay_places"].replace_one({}, {"next": place})
    else:
        await store.database["relay_places"].drop()
    later = EventStore(store.database, "identity")
    await append(later, "another", 1, 1)

    async with refusing(store, topic, servers) as relay:
        assert not turns(relay)
        with pytest.raises(LogSealed):
            await EventStore(store.database, "identity").append("third", [event(1)], expected_version=0, origin=ORIGIN)
    assert await versions_in(topic, servers) == [1, 2, 3, 4, 5]


async def test_once_the_log_knows_everything_again_it_is_open_and_goes_on(
    store: EventStore, topic: Topic, servers: RealServers
) -> None:
    await append(store, "stream", 1, 3)
    await publish_all(store, topic, servers)
    lost = await store.events.find({"version": 3}).to_list()
    await store.events.delete_many({"version": 3})
    await store.database["relay_places"].drop()
    with pytest.raises(TopicAhead, match="ops log reimport identity"):
        await Agreement(store, topic, servers.kafka).require()
    await store.events.insert_many(lost)
    await publish_all(store, topic, servers)
    await Agreement(store, topic, servers.kafka).require()
    await append(EventStore(store.database, "identity"), "stream", 4, 4)
    await publish_all(store, topic, servers)
    assert await versions_in(topic, servers) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("source", "type_name", "reason"),
    [
        ("/medonline/cards", PasswordChanged.type_name(), "cannot be of identity.*Do not reimport: somebody else"),
        ("/medonline/identity", PasswordSet.type_of(99), "cannot be of identity.*Do not reimport"),
        ("/medonline/identity", PasswordChanged.type_of(99), "does not know.*If no backup was restored, do not"),
        ("/medonline/identity", PasswordChanged.type_name(), "does not know.*If no backup was restored, do not"),
    ],
)
async def test_what_somebody_else_wrote_is_refused_and_not_to_be_reimported(
    store: EventStore, topic: Topic, servers: RealServers, source: str, type_name: str, reason: str
) -> None:
    told = Envelope(str(uuid4()), source, "stream", 1, datetime.now(UTC), ORIGIN, event(1))
    async with AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers) as producer:
        await producer.send_and_wait(topic.name, **record_of(document_of(told) | {"type": type_name}))
    with pytest.raises(TopicAhead, match=reason):
        await Agreement(store, topic, servers.kafka).require()
    with pytest.raises(LogSealed):
        await append(store, "another", 1, 1)


async def test_who_refused_says_so_no_longer_once_another_has_had_the_turn_for_long(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses() -> float | None:
        return REGISTRY.get_sample_value("relay_refuses", {"topic": topic.name})

    await append(store, "stream", 1, 1)
    await publish_all(store, topic, servers)
    await store.events.delete_many({})
    await store.database["relay_places"].drop()
    agreement = Agreement(store, topic, servers.kafka)
    with pytest.raises(TopicAhead):
        await agreement.require()
    agreement.is_anothers()
    assert refuses() == 1, "another may refuse as well, and they take turns"
    monkeypatch.setattr("eventlog.agreement.REFUSED_SECONDS", 0.0)
    agreement.is_anothers()
    assert refuses() == 0


async def test_a_topic_made_anew_is_not_written_to_until_somebody_says_so(
    store: EventStore, topic: Topic, servers: RealServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.agreement.KEPT_EVERY_SECONDS", 0.0)
    await append(store, "stream", 1, 3)
    await publish_all(store, topic, servers)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic.name])
        await until(lambda: _created(admin, topic))
    finally:
        await admin.close()
    await until(lambda: _is_empty(topic, servers))
    with pytest.raises(TopicBehind, match="Kafka lost events"):
        await Agreement(store, topic, servers.kafka).require()
    await append(store, "stream", 4, 4)  # the log is whole, so people go on
    await store.database["relay_places"].delete_many({})
    await store.events.update_many({}, {"$set": {"published": False}})
    await publish_all(store, topic, servers)
    assert await versions_in(topic, servers) == [1, 2, 3, 4]


async def _is_empty(topic: Topic, servers: RealServers) -> bool:
    """A broker needs a moment until it tells of a new topic, and no longer of the one of that name before."""
    with suppress(TopicMissing):
        async with open_tail(servers.kafka, topic) as tail:
            return not any((await tail.ends()).values())
    return False


async def _created(admin: AIOKafkaAdminClient, topic: Topic) -> bool:
    answer = await admin.create_topics([NewTopic(topic.name, topic.partitions, 1)])
    return not any(code for _, code, *_ in answer.topic_errors)
