"""The events as they pass, for an operator: all there is to know of them but the person."""

import json
from datetime import date
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from eventlog.documents import document_of, record_of
from eventlog.store import EventStore
from medonline_contracts.cards import PatientCardAdded, Relation, StatedPerson
from medonline_contracts.envelope import Origin
from tests.eventlog.records import Record
from tests.ops.conftest import Publisher, World

SNILS, PHONE = "112-233-445 95", "+79187654321"


async def card_added(world: World, stream: str) -> Record:
    """A card with personal data on it."""
    person = StatedPerson(family_name="Иванова", birth_date=date(1990, 1, 2), snils=SNILS, phone=PHONE)
    added = PatientCardAdded(account_id=str(uuid4()), relation=Relation.CHILD, person=person)
    store = EventStore(world.databases["cards"], "cards")
    [envelope] = await store.append(stream, [added], expected_version=0, origin=Origin(str(uuid4())))
    return Record(**record_of(document_of(envelope)))


async def test_each_event_is_one_line_and_no_person_is_on_it(world: World, publisher: Publisher) -> None:
    one, other = str(uuid4()), str(uuid4())
    poison = Record(one.encode(), json.dumps({"person": {"snils": SNILS}, PHONE: SNILS}).encode(), [(PHONE, b"x")])
    await publisher.publish(await card_added(world, one), poison, Record(one.encode(), None, []))
    await publisher.publish(await card_added(world, other))
    name = publisher.topic.name
    answer = await world.ops("events", "tail", name, "--from", "beginning", "--no-follow", "--json")
    readable, unreadable, tombstone, of_other = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.exit == 0
    assert (readable["type"], readable["stream"], readable["version"]) == (PatientCardAdded.__name__, one, 1)
    assert readable["data"]["relation"] == "child"
    assert set(readable["data"]["person"].values()) == {"***"}
    assert unreadable["value"]["person"] == {"snils": "text of 14 characters"}
    assert (tombstone["stream"], tombstone["tombstone"]) == (one, True)
    assert of_other["stream"] == other
    for planted in (SNILS, PHONE, "Иванова", "1990-01-02"):
        assert planted not in answer.out

    lines = await world.ops("events", "tail", name, "--from", "beginning", "--no-follow")
    assert len(lines.out.splitlines()) == 4
    for planted in (SNILS, PHONE, "Иванова", "1990-01-02"):
        assert planted not in lines.out


async def test_one_stream_alone_and_no_more_than_asked_for(world: World, publisher: Publisher) -> None:
    one, other = str(uuid4()), str(uuid4())
    await publisher.publish(await card_added(world, other), await card_added(world, one))
    tail = ("events", "tail", publisher.topic.name, "--from", "beginning", "--json")
    of_one = await world.ops(*tail, "--no-follow", "--stream", one)
    assert [json.loads(line)["stream"] for line in of_one.out.splitlines()] == [one]
    assert len((await world.ops(*tail, "--count", "1")).out.splitlines()) == 1


async def test_from_the_end_only_what_comes_is_shown(world: World, publisher: Publisher) -> None:
    await publisher.publish(await card_added(world, str(uuid4())))
    answer = await world.ops("events", "tail", publisher.topic.name, "--no-follow")
    assert (answer.exit, answer.out) == (0, "")


async def test_events_that_were_not_committed_are_not_shown(world: World, publisher: Publisher) -> None:
    servers = world.installation.kafka_access.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=world.mark) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(publisher.topic.name, b"x", partition=0)
        await producer.abort_transaction()
    answer = await world.ops("events", "tail", publisher.topic.name, "--from", "beginning", "--no-follow")
    assert (answer.exit, answer.out) == (0, "")


async def test_a_topic_that_is_not_there_is_named(world: World) -> None:
    answer = await world.ops("events", "tail", "no.such.topic", "--json")
    assert (answer.exit, answer.json["error"]["kind"]) == (4, "refused")
    assert "no.such.topic" in answer.json["error"]["sentence"]
