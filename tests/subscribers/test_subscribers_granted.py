"""A Kafka that asks who comes: a hospital's user is enough for all that a subscriber does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka_access import environment_of
from deploy.local.ports import free_ports
from deploy.local.servers import Servers
from eventlog.documents import document_of, record_of
from eventlog.turn import producer_of
from medonline_contracts.topics import HOSPITAL, IDENTITY_EVENTS
from tests.cards.people import authenticated, recorded
from tests.servers import started
from tests.subscribers.conftest import Program
from tests.subscribers.running import known_in, running

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with started(Servers(tmp_path_factory.mktemp("guarded"), free_ports(), {"KAFKA_USERS": "1"})) as guarded:
        yield guarded


@pytest.fixture(scope="module")
async def registrations(guarded: Servers) -> int:
    """How many people have registered there."""
    async with producer_of(guarded.kafka.access("identity"), IDENTITY_EVENTS) as producer, producer.transaction():
        for account in ("one", "another", "a third"):
            record = record_of(document_of(recorded(account, 2, authenticated(account))))
            await producer.send_and_wait(IDENTITY_EVENTS.name, **record)
    return 3


async def test_a_hospitals_user_may_do_all_that_a_subscriber_does(
    program: Program, guarded: Servers, registrations: int, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    hospital = guarded.kafka.access(HOSPITAL)
    async with running(program(hospital.bootstrap_servers, file), complaints, environment_of(hospital)):
        async with asyncio.timeout(60):
            while known_in(file).registrations != {"unknown": registrations}:
                await asyncio.sleep(0.2)
