"""Identity and the cards in roles of their own, on the real MongoDB and the real Kafka."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.roles import Role
from deploy.local.secrets import make_secrets
from eventlog.process import open_client
from medonline_contracts.topics import CARDS_EVENTS, IDENTITY_EVENTS
from tests.identity.gosuslugi import CLIENT_ID, PORTAL, gosuslugi
from tests.roles.members import Cluster, Member
from tests.servers import RealServers, forget
from tests.topics import begin_log_here

SERVICES = {"identity": IDENTITY_EVENTS, "cards": CARDS_EVENTS}


@pytest.fixture(scope="package")
async def cluster(servers: RealServers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Nothing of it runs yet, and its databases are empty."""
    folder = tmp_path_factory.mktemp("roles")
    make_secrets(folder / "secrets")
    mark = uuid4().hex[:12]
    async with gosuslugi(folder / "secrets", folder) as esia, open_client(servers.mongodb_uri) as client:
        members = _members(folder, servers, mark, esia.url)
        databases = {service: client[f"{service}_{mark}"] for service in SERVICES}
        for service, topic in SERVICES.items():
            await begin_log_here(databases[service], servers.kafka, topic)
        yield Cluster(members, databases, esia)
        for member in members.values():
            member.stop()
        for service in SERVICES:
            await forget(client, f"{service}_{mark}")


def _members(folder: Path, servers: RealServers, mark: str, esia_url: str) -> dict[str, Member]:
    told = {
        "PORTAL_ORIGIN": PORTAL,
        "KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap_servers,
        "ESIA_URL": esia_url,
        "ESIA_CLIENT_ID": CLIENT_ID,
        "SETTINGS_URL": "http://127.0.0.1:1",
    }

    def member(service: str, role: str) -> Member:
        secrets, uri = folder / "secrets" / service, servers.database_uri(f"{service}_{mark}")
        return Member(service, role, folder, told | {"SECRETS_DIR": str(secrets), "MONGODB_URI": uri})

    identity = member("identity", "http")
    told["IDENTITY_URL"] = identity.url
    others = [member(service, role) for service in SERVICES for role in Role if (service, role) != ("identity", "http")]
    return {one.name: one for one in (identity, *others)}
