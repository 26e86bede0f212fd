"""What a cluster relies on: one image, and a process does what its role says and nothing else."""

import re
import subprocess
import sys
from functools import partial
from typing import Any

import httpx
import pytest

from chassis.token import HEADER
from tests.eventlog.conftest import until
from tests.roles.members import Cluster, DistantBrowser

PATIENT = 60.0  # seconds: five processes have to start and join their groups
EVERYTHING_WELL = {"started": 200, "ready": 200, "live": 200}


@pytest.fixture(scope="module")
async def prepared(cluster: Cluster) -> Cluster:
    """What the job before a rollout has done."""
    for service in ("identity", "cards"):
        cluster[f"{service}-prepare"].start()
    for service in ("identity", "cards"):
        assert cluster[f"{service}-prepare"].ended_with() == 0
    return cluster


async def test_preparing_again_ends_well_and_changes_nothing(prepared: Cluster) -> None:
    before = await prepared.indexes()
    assert {"identity.events", "identity.sessions", "cards.parked", "cards.patient_cards"} <= set(before)
    prepared["cards-prepare"].start()
    assert prepared["cards-prepare"].ended_with() == 0
    assert await prepared.indexes() == before


async def test_a_registration_is_answered_by_one_process_and_carried_on_by_others(prepared: Cluster) -> None:
    """Two doors that answer while nothing works, and then a bus for each."""
    indexes = await prepared.indexes()
    for name in ("identity-http", "cards-http"):
        prepared[name].start()
    for name in ("identity-http", "cards-http"):
        prepared[name].wait()
        assert await prepared[name].probes() == EVERYTHING_WELL
    log = prepared.databases["identity"]["events"]
    async with prepared.browser() as browser:
        registered = await browser.register(prepared.gosuslugi.invent())
        assert await log.count_documents({"published": False}) == 2
        assert await cards_of(prepared, browser) == []
        for name in ("identity-bus", "cards-bus"):
            prepared[name].start()
        for name in ("identity-bus", "cards-bus"):
            prepared[name].wait()
        await until(lambda: has_a_card(prepared, browser), PATIENT)
    assert await log.count_documents({"published": False}) == 0
    assert await prepared["identity-bus"].probes() == await prepared["cards-bus"].probes() == EVERYTHING_WELL
    assert await prepared.indexes() == indexes, "something was not prepared before"
    await assert_metrics_name_nobody(prepared, registered["account_id"])


async def cards_of(cluster: Cluster, browser: DistantBrowser) -> list[Any]:
    async with httpx.AsyncClient(base_url=cluster["cards-http"].url, headers={HEADER: await browser.token()}) as http:
        answer = await http.get("/api/cards")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["cards"])


async def has_a_card(cluster: Cluster, browser: DistantBrowser) -> bool:
    return len(await cards_of(cluster, browser)) == 1


async def assert_metrics_name_nobody(cluster: Cluster, account_id: str) -> None:
    for name in ("identity-http", "identity-bus", "cards-http", "cards-bus"):
        metrics = await cluster[name].metrics()
        assert account_id not in metrics
        assert not re.search("Соколова|Мария|RU-STA|[0-9]{9}-|@", metrics)


async def test_a_process_that_works_answers_probes_and_prometheus_alone(prepared: Cluster) -> None:
    async with httpx.AsyncClient(base_url=prepared["identity-bus"].url) as bus:
        for path in ("/", "/openapi.json", "/api/identity/session", "/authz/required/", "/.well-known/jwks.json"):
            assert (await bus.get(path)).status_code == 404, path
    metrics = await prepared["identity-bus"].metrics()
    assert 'relay_published_total{topic="identity.events"} 2.0' in metrics
    assert "http_requests_total{" in metrics  # what was refused above


async def test_a_process_that_answers_follows_which_generation_is_read(prepared: Cluster) -> None:
    database = prepared.databases["cards"]
    async with prepared.browser() as browser:
        await browser.register(prepared.gosuslugi.invent())
        await until(lambda: has_a_card(prepared, browser), PATIENT)
        for active, shows in ((2, has_no_card), (1, has_a_card)):
            await database["projections"].update_one({"_id": "cards.view"}, {"$set": {"active": active}})
            await until(partial(shows, prepared, browser), PATIENT)


async def has_no_card(cluster: Cluster, browser: DistantBrowser) -> bool:
    return await cards_of(cluster, browser) == []


def test_a_role_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    command = [sys.executable, "-m", "services.portal.main", "bus"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "invalid choice: 'bus' (choose from 'all', 'http')" in refused.stderr
