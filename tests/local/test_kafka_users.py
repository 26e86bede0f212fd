"""A Kafka that asks who comes (`KAFKA_USERS=1`): everybody may do what the contracts say of them, and nothing more."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from deploy.local.kafka_access import environment_of
from deploy.local.kafka_users import prepare_users
from deploy.local.secrets import KAFKA_ADMIN, KAFKA_USERS, OPERATORS
from deploy.local.stack import Stack
from eventlog.listener import Listener, TopicMissing
from eventlog.turn import producer_of
from medonline_contracts.identity import PasswordChanged
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import CARDS_STATE, HOSPITAL, IDENTITY_EVENTS, SETTINGS_EVENTS, TOPICS, Topic
from ops.acls import acl_of
from ops.grants import Grant, Operation, Resource
from tests.eventlog.collecting import Collecting
from tests.journeys.evidence import events
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import register, set_password, sign_in_by_password
from tests.journeys.visitor import Visitor
from tests.local.kafka_clients import access, other_rights, read, write
from tests.ops.conftest import YES, call
from tests.servers import MANY, portal_in
from tests.topics import records_in

pytestmark = pytest.mark.portal

PASSWORD = "PlantedPassword77"
READING = [(user, topic) for user, topic in product(KAFKA_USERS, TOPICS) if user != OPERATORS]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole portal on such a Kafka."""
    with portal_in(tmp_path_factory.mktemp("guarded"), {"KAFKA_USERS": "1"}, {"identity": MANY}) as stack:
        yield stack


@pytest.fixture(scope="module")
async def lived_in(guarded: Stack) -> Stack:
    """Somebody registered there and set a password, so that there is something on every topic but `cards.events`."""
    person = newcomer(guarded)
    async with Visitor(guarded.portal_url) as visitor:
        await register(visitor, guarded, person)
        await set_password(visitor, PASSWORD)
    async with Visitor(guarded.portal_url) as visitor:
        await sign_in_by_password(visitor, person.login, PASSWORD)
        assert person.full_name in visitor.page.text
    return guarded


async def test_each_service_does_all_its_work(lived_in: Stack) -> None:
    async with asyncio.timeout(30):
        while not {PasswordSet, PasswordChanged} <= {type(envelope.event) for envelope in await events(lived_in)}:
            await asyncio.sleep(0.5)
    assert await records_in(access(lived_in, HOSPITAL), [CARDS_STATE])


async def test_each_service_may_measure_how_far_its_groups_are_behind(lived_in: Stack) -> None:
    url = f"http://127.0.0.1:{lived_in.ports.cards}/metrics"
    wanted = f'consumer_lag_events{{group="cards.view",topic="{IDENTITY_EVENTS.name}"}} 0.0'
    async with asyncio.timeout(40), httpx.AsyncClient() as http:
        while wanted not in (await http.get(url)).text:
            await asyncio.sleep(0.5)


async def test_operators_do_theirs(lived_in: Stack) -> None:
    for arguments in (
        ("doctor",),
        ("lag", "--all"),
        ("topics", "check"),
        ("events", "tail", "--from", "beginning", "--no-follow"),
        ("projection", "rebuild", "cards.view", *YES),
        ("projection", "retire", "cards.view", "1", *YES),
    ):
        answer = await asyncio.to_thread(call, "--env-file", str(lived_in.ops_env), *arguments)
        assert answer.exit == 0, (arguments, answer)


async def test_operators_find_rights_that_are_missing_and_those_that_nobody_declared(lived_in: Stack) -> None:
    extra = acl_of("city-clinic", Grant(Operation.READ, Resource.TOPIC, SETTINGS_EVENTS.name))
    missing = acl_of("cards", Grant(Operation.READ, Resource.TOPIC, IDENTITY_EVENTS.name))
    async with other_rights(access(lived_in, KAFKA_ADMIN), extra, missing):
        answer = await asyncio.to_thread(call, "--env-file", str(lived_in.ops_env), "topics", "check", "--json")
    found = [difference["sentence"] for difference in answer.json["differences"]]
    assert (answer.exit, found) == (1, [f"Not granted: {missing}.", f"Not declared: {extra}."])


async def test_a_hospital_reads_what_it_was_granted_in_a_group_of_its_own(lived_in: Stack) -> None:
    for topic in (CARDS_STATE, IDENTITY_EVENTS):
        assert await read(access(lived_in, HOSPITAL), topic, group=f"{HOSPITAL}.index")


@pytest.mark.parametrize(
    ("user", "topic"),
    [(u, t) for u, t in READING if u not in (t.producer, *t.readers)],
    ids=lambda given: getattr(given, "name", given),
)
async def test_a_topic_that_does_not_name_them_is_closed_to_them(lived_in: Stack, user: str, topic: Topic) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await read(access(lived_in, user), topic)


@pytest.mark.parametrize(
    ("user", "topic"),
    [(u, t) for u, t in product(KAFKA_USERS, TOPICS) if u != t.producer],
    ids=lambda given: getattr(given, "name", given),
)
async def test_nobody_writes_to_a_topic_but_its_producer(lived_in: Stack, user: str, topic: Topic) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await write(access(lived_in, user), topic)


@pytest.mark.parametrize(("user", "group"), [(HOSPITAL, "cards.view"), ("cards", "settings.view"), ("ops", "ops.x")])
async def test_nobody_reads_in_anothers_group(lived_in: Stack, user: str, group: str) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await read(access(lived_in, user), IDENTITY_EVENTS, group)


async def test_a_service_says_which_topic_it_may_not_read(lived_in: Stack) -> None:
    listener = Listener(access(lived_in, "cards"), "cards.x", [SETTINGS_EVENTS], Collecting())
    with pytest.raises(TopicMissing, match=r"settings\.events: .*let us read it"):
        await listener.run()


async def test_operators_with_too_few_rights_are_told_which_they_need(lived_in: Stack) -> None:
    as_hospital = environment_of(access(lived_in, HOSPITAL)) | {"MONGODB_URI": lived_in.servers.mongo.uri(OPERATORS)}
    answer = await asyncio.to_thread(call, "lag", "--group", "cards.view", **as_hospital)
    assert (answer.exit, answer.out) == (3, "")
    assert "`ops grants ops` names the rights that it needs" in answer.error


async def test_nobody_takes_the_place_of_anothers_relay(lived_in: Stack) -> None:
    producer = producer_of(access(lived_in, "cards"), SETTINGS_EVENTS)
    with pytest.raises(TransactionalIdAuthorizationFailed):
        await producer.start()
    await producer.stop()


@pytest.mark.parametrize("user", KAFKA_USERS)
async def test_nobody_but_who_sets_the_broker_up_makes_topics(lived_in: Stack, user: str) -> None:
    admin = AIOKafkaAdminClient(**access(lived_in, user).options())
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic("mine", 1, 1)])
    finally:
        await admin.close()
    assert [code for _, code, _ in answer.topic_errors] == [TopicAuthorizationFailedError.errno]


@pytest.mark.parametrize(
    "wrong",
    [{"password": "guessed"}, {"user": KAFKA_ADMIN}, {"security_protocol": "SSL"}],
    ids=["password", "name", "none"],
)
async def test_nobody_comes_in_without_their_password(lived_in: Stack, wrong: dict[str, Any]) -> None:
    admin = AIOKafkaAdminClient(**replace(access(lived_in, HOSPITAL), **wrong).options(), request_timeout_ms=5_000)
    with pytest.raises(KafkaConnectionError):
        await admin.start()
    await admin.close()


async def test_a_broker_that_cannot_prove_who_it_is_is_told_no_password(lived_in: Stack) -> None:
    admin = AIOKafkaAdminClient(**replace(access(lived_in, HOSPITAL), ca_file=None).options())
    with pytest.raises(KafkaConnectionError):
        await admin.start()
    await admin.close()


async def test_a_right_that_the_contracts_no_longer_give_is_withdrawn(lived_in: Stack) -> None:
    secrets = lived_in.folder / "secrets/kafka"
    closed = [topic if topic != CARDS_STATE else replace(topic, readers=("cards",)) for topic in TOPICS]
    await prepare_users(access(lived_in, KAFKA_ADMIN), secrets, closed)
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await read(access(lived_in, HOSPITAL), CARDS_STATE)
        assert await read(access(lived_in, HOSPITAL), IDENTITY_EVENTS)
    finally:
        await prepare_users(access(lived_in, KAFKA_ADMIN), secrets)
    assert await read(access(lived_in, HOSPITAL), CARDS_STATE)


def test_no_password_is_in_a_log_or_on_a_command_line(lived_in: Stack) -> None:
    passwords = [path.read_text() for path in (lived_in.folder / "secrets/kafka").glob("*.password")]
    assert len(passwords) == len(KAFKA_USERS) + 1
    places = {str(path): path.read_text(errors="replace") for path in (lived_in.folder / "logs").rglob("*.log")}
    assert {"kafka.log", "cards.log"} <= {Path(place).name for place in places}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            places[str(path)] = path.read_text(errors="replace")
        except OSError:  # it has ended
            continue
    assert [place for place, text in places.items() if any(password in text for password in passwords)] == []
