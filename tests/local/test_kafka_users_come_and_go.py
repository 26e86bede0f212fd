"""The same Kafka with users and without."""

import asyncio
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.processes import StartFailed
from deploy.local.servers import Servers
from medonline_contracts.topics import CARDS_STATE, HOSPITAL
from tests.local.kafka_clients import write
from tests.topics import records_in

pytestmark = pytest.mark.servers


async def test_data_made_without_users_are_kept_when_users_come_and_when_they_go(tmp_path: Path) -> None:
    ports = free_ports()
    for chosen in ({}, {"KAFKA_USERS": "1"}, {}):
        servers = Servers(tmp_path, ports, chosen)
        try:
            servers.start()
            await asyncio.to_thread(servers.wait_for_kafka)
            await write(servers.kafka.access("cards"), CARDS_STATE)
            kept = await records_in(servers.kafka.access(HOSPITAL), [CARDS_STATE])
        finally:
            servers.stop()
    assert [record.value for record in kept] == [b"forged"] * 3


def test_users_are_for_a_kafka_that_is_started_here(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="KAFKA_USERS=1 is for a Kafka that is started here"):
        Servers(tmp_path, free_ports(), {"KAFKA_USERS": "1", "KAFKA_BOOTSTRAP_SERVERS": "nowhere:9092"})
