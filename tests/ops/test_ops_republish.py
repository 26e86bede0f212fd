"""`ops log republish` says what is wrong before it changes anything. That it fills a topic: test_ops_data_loss.py."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from eventlog.agreement import Agreement
from eventlog.lease import Lease
from eventlog.seal import LogSealed, Seal
from eventlog.settling import REIMPORTED
from eventlog.store import EventStore
from eventlog.tail import TopicBehind
from medonline_contracts.topics import Topic
from ops import republish as republishing
from ops.installation import Installation
from ops.problem import Exit
from ops.rights import REWRITES_LOGS
from tests.eventlog.conftest import ORIGIN, event
from tests.eventlog.records import Record, envelopes_of
from tests.ops.conftest import YES, Answer, Publisher, World

LOG = "identity"
COMPACTED = {"cleanup.policy": "compact"}


@pytest.fixture(autouse=True)
async def store(world: World, topic: Topic, declare: Callable[..., None]) -> EventStore:
    """A log of three events that its relay has published, to a topic that was made anew since."""
    declare(topic)
    store = EventStore(world.databases[LOG], LOG)
    await envelopes_of(store, "one", [1, 2, 3])
    await store.events.update_many({}, {"$set": {"published": True}})
    await store.database["relay_places"].insert_one({"_id": topic.name, "next": {"0": 3, "1": 0}})
    return store


async def republish(world: World, name: str, *options: str) -> Answer:
    """As an operator may on such a night."""
    return await world.ops("log", "republish", name, "--patience", "0", "--json", *options, MONGODB_URI=world.night)


async def unchanged(store: EventStore) -> bool:
    places = await store.database["relay_places"].count_documents({"next": {"0": 3, "1": 0}})
    return (places, await store.events.count_documents({"published": True})) == (1, 3)


async def outcomes(world: World) -> list[str]:
    """What came of each record."""
    return [record["outcome"]["exit"] for record in (await world.ops("record", "list", "--json")).json["records"]]


async def test_what_would_be_done_is_shown_first_and_then_done_and_recorded(
    world: World, topic: Topic, store: EventStore
) -> None:
    shown = await republish(world, topic.name)
    assert (shown.exit, await unchanged(store), await outcomes(world)) == (Exit.SHOWN, True, [])
    assert shown.json["would"][-1].startswith(f"let {LOG} publish all 3 events of its log to {topic.name}")

    for _ in range(2):  # called again, after an interruption, it goes on
        done = await republish(world, topic.name, *YES)
        assert (done.exit, done.json["to_publish"], done.json["kept"]) == (Exit.FINE, {LOG: 3}, True)
    assert await store.events.count_documents({"published": False}) == 3
    assert await store.database["relay_places"].count_documents({"next": {"$exists": True}}) == 0
    assert await outcomes(world) == ["fine", "fine"]


async def test_interrupted_while_it_marks_the_second_log_no_relay_publishes_a_half_and_called_again_it_goes_on(
    world: World, topic: Topic, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = (topic, replace(topic, producer="settings"))
    installation = replace(world.installation, topics=topics)
    agreement = Agreement(store, topic, world.installation.kafka_access)

    have_to_publish = republishing._have_to_publish

    async def interrupted(installation: Installation, service: str) -> int:
        if service == "settings":
            raise ConnectionError
        return await have_to_publish(installation, service)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(republishing, "_have_to_publish", interrupted)
        with pytest.raises(ConnectionError):
            await republishing._do(installation, topics, [LOG, "settings"], 0)
    assert await store.events.count_documents({"published": False}) == 3
    with pytest.raises(TopicBehind):
        await agreement.require()
    assert (await republish(world, topic.name, *YES)).json["to_publish"] == {LOG: 3}
    await agreement.require()


async def test_a_sealed_log_stays_sealed_until_its_service_has_settled_and_that_is_said(
    world: World, topic: Topic, store: EventStore
) -> None:
    """Refused it may not be: the service, too, refuses to start while its topic is behind its place."""
    await Seal(store.database).close(topic.name, "a backup was restored")
    await store.database[REIMPORTED].insert_one({"_id": "one", "known": 0})
    agreement = Agreement(store, topic, world.installation.kafka_access)
    with pytest.raises(TopicBehind):
        await agreement.require()
    told = f"leave the log of {LOG} sealed (a backup was restored); once it has started it settles 1 "
    assert (await republish(world, topic.name)).json["would"][-2].startswith(told)

    assert (await republish(world, topic.name, *YES)).exit == Exit.FINE
    with pytest.raises(LogSealed):
        await EventStore(store.database, LOG).append("one", [event(4)], expected_version=3, origin=ORIGIN)
    await agreement.require()
    assert await store.database[REIMPORTED].count_documents({}) == 0
    await EventStore(store.database, LOG).append("one", [event(4)], expected_version=3, origin=ORIGIN)


async def test_a_topic_that_is_not_empty_is_refused(
    world: World, topic: Topic, store: EventStore, publisher: Publisher
) -> None:
    await publisher.publish(Record(b"one", b"{}", []))
    for options in ((), YES):
        refused = await republish(world, topic.name, *options)
        assert (refused.exit, f"{topic.name} is not empty" in refused.json["error"]["sentence"]) == (Exit.REFUSED, True)
    assert (await unchanged(store), await outcomes(world)) == (True, [])


async def test_a_topic_that_is_not_there_or_not_of_the_contracts_is_refused(
    world: World, topic: Topic, store: EventStore, declare: Callable[..., None]
) -> None:
    declare(topic, replace(topic, name="no.such"))
    missing, unknown = [await republish(world, name, *YES) for name in ("no.such", "cards.event")]
    assert (missing.exit, "There is no topic no.such" in missing.json["error"]["sentence"]) == (Exit.REFUSED, True)
    assert (unknown.exit, f"there are {topic.name}" in unknown.json["error"]["sentence"]) == (Exit.USAGE, True)
    assert (await unchanged(store), await outcomes(world)) == (True, [])


async def test_without_the_right_to_rewrite_it_is_refused_and_shown_with_the_right_first(
    world: World, topic: Topic, store: EventStore
) -> None:
    shown = await world.ops("log", "republish", topic.name, "--json")
    assert shown.json["would"][0].startswith(f"nothing, until the user in MONGODB_URI has the role {REWRITES_LOGS}")
    refused = await world.ops("log", "republish", topic.name, "--json", *YES)
    assert (refused.exit, "lacks the role" in refused.json["error"]["sentence"]) == (Exit.UNREACHABLE, True)
    assert (await unchanged(store), await outcomes(world)) == (True, [])


async def test_a_compacted_topic_is_said_anew_without_that_right(
    world: World, topic: Topic, store: EventStore, declare: Callable[..., None]
) -> None:
    state = replace(topic, config=COMPACTED)
    declare(replace(topic, name="its.events"), state)
    await store.database["state_places"].insert_one({"_id": state.name})
    done = await world.ops("log", "republish", state.name, "--json", *YES)
    assert (done.exit, done.json["to_publish"]) == (Exit.FINE, {})
    assert await store.database["state_places"].count_documents({}) == 0
    assert await unchanged(store)


@pytest.mark.parametrize("service", ["identity", "cards"], ids=["who writes it", "who reads it"])
async def test_nothing_is_done_while_anybody_works_for_a_service_that_writes_or_reads_the_topic(
    world: World, topic: Topic, store: EventStore, declare: Callable[..., None], service: str
) -> None:
    declare(replace(topic, consumers=("cards",)))
    shown = await republish(world, topic.name)
    assert shown.json["would"][0] == "wait until nobody works for identity, cards"
    lease = Lease(world.databases[service], f"relay.{service}.events", seconds=60)
    assert await lease.acquire()
    refused = await republish(world, topic.name, *YES)
    assert (refused.exit, f"{service} still runs" in refused.json["error"]["sentence"]) == (Exit.REFUSED, True)
    assert (await unchanged(store), await outcomes(world)) == (True, ["refused"])


async def test_who_neither_writes_nor_reads_the_topic_works_on_and_only_who_reads_it_begins_again(
    world: World, topic: Topic, declare: Callable[..., None]
) -> None:
    declare(replace(topic, consumers=("cards",)))
    for service in world.databases:
        async with AIOKafkaConsumer(
            bootstrap_servers=world.environment["KAFKA_BOOTSTRAP_SERVERS"],
            group_id=world.group(service),
            enable_auto_commit=False,
        ) as consumer:
            consumer.assign([TopicPartition(topic.name, 0)])
            await consumer.commit({TopicPartition(topic.name, 0): 0})
    assert await Lease(world.databases["settings"], "relay.settings.events", seconds=60).acquire()

    done = await republish(world, topic.name, *YES)
    assert (done.exit, done.json["groups"]) == (Exit.FINE, [world.group("cards")])
    async with world.installation.kafka() as kafka:
        assert await kafka.group_names() == [world.group("identity"), world.group("settings")]
