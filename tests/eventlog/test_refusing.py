"""A relay refuses where its log is older than its topic, or the topic is not the one that it wrote to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from structlog.testing import capture_logs

from eventlog.agreement import Agreement, TopicAhead
from eventlog.listener import TopicMissing
from eventlog.process import background
from eventlog.relay import Relay
from eventlog.seal import LogSealed
from eventlog.store import EventStore
from eventlog.supervisor import supervise, turns
from eventlog.tail import TopicBehind, open_tail
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import ORIGIN, event, until
from tests.eventlog.publishing import append, place_of, publish_all, relay_of, versions_in
from tests.servers import RealServers


@asynccontextmanager
async def refusing(store: EventStore, topic: Topic, servers: RealServers) -> AsyncIterator[Relay]:
    """A relay that has refused at least twice."""
    relay = relay_of(store, topic, servers)
    with capture_logs() as logs:
        async with background(supervise(relay)):
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
    await until(lambda: _is_there(topic, servers))
    with pytest.raises(TopicBehind, match="Kafka lost events"):
        await Agreement(store, topic, servers.kafka).require()
    await append(store, "stream", 4, 4)  # the log is whole, so people go on
    await store.database["relay_places"].delete_many({})
    await store.events.update_many({}, {"$set": {"published": False}})
    await publish_all(store, topic, servers)
    assert await versions_in(topic, servers) == [1, 2, 3, 4]


async def _is_there(topic: Topic, servers: RealServers) -> bool:
    """A broker needs a moment until it tells of a new topic."""
    with suppress(TopicMissing):
        async with open_tail(servers.kafka, topic) as tail:
            return bool(await tail.ends())
    return False


async def _created(admin: AIOKafkaAdminClient, topic: Topic) -> bool:
    answer = await admin.create_topics([NewTopic(topic.name, topic.partitions, 1)])
    return not any(code for _, code, *_ in answer.topic_errors)
