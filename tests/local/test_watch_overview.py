"""The operators' page on real servers: how everything stands, and what it costs to know."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import lxml.html
import pytest
from lxml.html import HtmlElement

from deploy.local.stack import Stack
from deploy.local.watch import overview
from deploy.local.watch.app import create_app
from deploy.local.watch.overview import Lookout, Overview, look
from deploy.local.watch.traces import Traces
from eventlog.access import KafkaAccess
from eventlog.parking import Parking
from eventlog.process import open_client
from eventlog.store import EventStore
from ops.config import SERVICES
from ops.installation import Installation
from tests.eventlog.records import Record, envelopes_of
from tests.local.watching import told_to_operators, watching
from tests.servers import RealServers

LONG_AGO = datetime.now(UTC) - timedelta(hours=3)


def table_under(document: HtmlElement, heading: str) -> list[list[str]]:
    (found,) = (h2 for h2 in document.iterfind(".//h2") if h2.text == heading)
    table = found.getnext()
    assert table is not None
    rows = table.findall("tbody/tr")
    return [[" ".join("".join(map(str, cell.itertext())).split()) for cell in row] for row in rows]


async def shown(seen: Overview) -> HtmlElement:
    async def look() -> Overview:
        return seen

    app = create_app(Lookout(look), Traces())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        return lxml.html.fromstring((await http.get("/")).text)


@pytest.fixture
async def installation(servers: RealServers) -> AsyncIterator[Installation]:
    names = {service: f"watch_{uuid4().hex}_{service}" for service in SERVICES}
    async with open_client(servers.mongodb_uri) as client:
        yield Installation(client, {service: client[name] for service, name in names.items()}, servers.kafka)
        for name in names.values():
            await client.drop_database(name)


async def test_what_waits_and_what_is_parked_is_shown_with_its_age_and_no_word_of_a_person(
    installation: Installation,
) -> None:
    store = EventStore(installation.databases["cards"], "cards")
    await envelopes_of(store, str(uuid4()), [1, 2])
    await store.events.update_many({}, {"$set": {"time": LONG_AGO}})
    parking = Parking(installation.databases["settings"], "settings.view")
    for offset, key in enumerate((b"one", b"one", b"other")):
        await parking.park(Record(key, b"{", [], offset=offset), "data.Ivanova: is null")
    await installation.databases["settings"]["parked"].update_many({}, {"$set": {"parked_at": LONG_AGO}})
    document = await shown(await look(installation))
    assert ["cards", "2", "3 h", "held by nobody"] in table_under(document, "Waiting to be published")
    assert table_under(document, "Parked events") == [["settings.view", "***: is null", "2", "3", "3 h"]]
    wrong = {(where, advice) for where, _, _, advice in table_under(document, "What is wrong")}
    assert ("settings.view", "docs/operations/doctor.md#ops-parked") in wrong
    assert "Ivanova" not in str(document.text_content())


async def test_while_kafka_is_away_the_page_says_so_and_shows_the_rest(installation: Installation) -> None:
    away = Installation(installation.client, installation.databases, KafkaAccess("127.0.0.1:1"))
    document = await shown(await look(away))
    health = dict(table_under(document, "Services"))
    assert health["mongodb"] == "ready"
    assert health["kafka"] != "ready"
    assert "How far the groups are cannot be found out now" in str(document.text_content())
    assert len(table_under(document, "Waiting to be published")) == len(SERVICES)


async def test_however_many_look_it_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def look() -> Overview:
        asked.append(1)
        await asyncio.sleep(0.01)
        return Overview(datetime.now(UTC), None, None, None, None, None)

    lookout = Lookout(look)
    await asyncio.gather(*(lookout.overview() for _ in range(20)))
    assert len(asked) == 1
    monkeypatch.setattr(overview, "EVERY_SECONDS", 0)
    await lookout.overview()
    assert len(asked) == 2


def works(page: str) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """What the page says of the services and of the relays, and which views have somebody who reads for them."""
    document = lxml.html.fromstring(httpx.get(page, trust_env=False, timeout=30).text)
    relays = {log: relay for log, _, _, relay in table_under(document, "Waiting to be published")}
    groups = {name for name, _, members in table_under(document, "Consumer groups") if int(members)}
    return dict(table_under(document, "Services")), relays, groups & {"cards.view", "settings.view"}


def test_the_page_of_a_running_portal_shows_that_all_works(portal: Stack) -> None:
    services = ("mongodb", "kafka", *json.loads(told_to_operators(portal)["OPS_SERVICE_URLS"]))
    all_works = (
        dict.fromkeys(services, "ready"),
        dict.fromkeys(SERVICES, "works"),
        {"cards.view", "settings.view"},
    )
    deadline = time.monotonic() + 60
    with watching(portal) as page:
        while (seen := works(page)) != all_works and time.monotonic() < deadline:
            time.sleep(1)  # what other tests have struck comes back by itself
    assert seen == all_works
