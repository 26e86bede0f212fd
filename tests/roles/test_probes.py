"""The three probes differ: what is away makes a process unready, and only what a new start would mend makes it dead."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis.roles import Role
from deploy.local.ports import some_free
from eventlog import supervisor
from eventlog.process import open_client
from services.cards.main import Config, build
from tests.eventlog.conftest import until
from tests.servers import RealServers, forget


@pytest.fixture
async def config(servers: RealServers, tmp_path: Path) -> AsyncIterator[Config]:
    """Cards on an empty database, with a Kafka that is away."""
    (tmp_path / "hash.key").write_text(secrets.token_hex(32))
    name, (nobody,) = f"test_{uuid4().hex}", some_free(1)
    yield Config(
        http_port=0,
        portal_origin="http://localhost:8080",
        secrets_dir=tmp_path,
        mongodb_uri=servers.database_uri(name),
        kafka_bootstrap_servers=f"127.0.0.1:{nobody}",
        identity_url="http://127.0.0.1:1",
    )
    async with open_client(servers.mongodb_uri) as client:
        await forget(client, name)


@asynccontextmanager
async def living(config: Config, role: Role) -> AsyncIterator[httpx.AsyncClient]:
    app = build(config, role)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://cards") as http,
    ):
        yield http


async def said(http: httpx.AsyncClient) -> dict[str, int]:
    return {probe: (await http.get(f"/health/{probe}")).status_code for probe in ("started", "ready", "live")}


async def has_started(http: httpx.AsyncClient) -> bool:
    return (await http.get("/health/started")).status_code == 200


async def test_without_kafka_a_bus_has_started_and_lives_and_is_not_ready(config: Config) -> None:
    async with living(config, Role.BUS) as http:
        await until(lambda: has_started(http))
        assert await said(http) == {"started": 200, "ready": 503, "live": 200}
        ready = (await http.get("/health/ready")).json()
    assert {name for name, well in ready.items() if not well} >= {"relay", "listeners"}
    assert (ready["prepared"], ready["mongodb"]) == (True, True)


async def test_without_kafka_a_process_that_answers_is_ready(config: Config) -> None:
    async with living(config, Role.HTTP) as http:
        await until(lambda: is_ready(http))
        assert await said(http) == {"started": 200, "ready": 200, "live": 200}
        assert set((await http.get("/health/ready")).json()) == {"prepared", "stays", "mongodb", "views"}


async def is_ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/health/ready")).status_code == 200


@pytest.mark.parametrize("role", [Role.ALL, Role.HTTP, Role.BUS])
async def test_without_mongodb_a_process_waits_and_is_not_taken_for_dead(config: Config, role: Role) -> None:
    (nobody,) = some_free(1)
    away = config.model_copy(update={"mongodb_uri": f"mongodb://127.0.0.1:{nobody}/cards?directConnection=true"})
    async with living(away, role) as http:
        assert await said(http) == {"started": 503, "ready": 503, "live": 200}


async def test_a_part_that_nobody_looks_after_any_more_makes_the_process_dead(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with living(config, Role.BUS) as http:
        await until(lambda: has_started(http))
        assert (await said(http))["live"] == 200
        monkeypatch.setattr(supervisor, "FORGOTTEN_SECONDS", -1.0)  # as after half a minute without a look
        assert (await said(http))["live"] == 503
