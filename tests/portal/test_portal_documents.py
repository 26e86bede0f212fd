"""The pages for developers tell of every event and every call, and cost a stranger's request next to nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from medonline_contracts.topics import EVENT_TYPES, TOPICS
from tests.portal.portal_in_process import PortalInProcess

DESCRIPTION = {"openapi": "3.1.0", "paths": {"/api/cards": {"get": {"operationId": "list", "responses": {}}}}}
OF_CARDS = "GET /openapi.json"


def fetches(pages: PortalInProcess) -> int:
    return sum(question == OF_CARDS for question, _ in pages.asked)


async def test_every_event_of_the_contracts_is_described(pages: PortalInProcess) -> None:
    page = (await pages.browser.get("/docs/events")).text
    for name in (*(topic.name for topic in TOPICS), *EVENT_TYPES, "person.oms_policy.enp"):
        assert name in page


async def test_the_contracts_own_files_are_served_as_they_stand_in_the_package(pages: PortalInProcess) -> None:
    package = files("medonline_contracts")
    asyncapi = await pages.browser.get("/docs/asyncapi.yaml")
    assert (asyncapi.content, asyncapi.headers["content-type"]) == (
        (package / "asyncapi.yaml").read_bytes(),
        "application/yaml",
    )
    for name in (*EVENT_TYPES, "headers"):
        schema = await pages.browser.get(f"/docs/schemas/{name}.json")
        assert schema.content == (package / f"schemas/{name}.json").read_bytes()
        assert schema.headers["content-type"] == "application/schema+json"
        assert f'href="/docs/schemas/{name}.json"' in (await pages.browser.get("/docs/events")).text


async def test_a_schema_that_there_is_not_is_a_problem_for_the_program_that_asked(pages: PortalInProcess) -> None:
    unknown = await pages.browser.get("/docs/schemas/of_tomorrow.json")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/schema-unknown")


async def test_the_portals_own_api_is_described(pages: PortalInProcess) -> None:
    assert "GET /api/regions" in (await pages.browser.get("/docs/portal")).text
    assert (await pages.browser.get("/docs/openapi/portal.json")).json()["openapi"].startswith("3.1")


async def test_no_schema_is_made_anew_for_a_request(pages: PortalInProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await pages.browser.get("/docs/events")
    for event in EVENT_TYPES.values():
        monkeypatch.setattr(event, "model_json_schema", None)
    assert (await pages.browser.get("/docs/events")).text == first.text


async def test_a_services_description_is_fetched_once_a_minute(pages: PortalInProcess) -> None:
    now = datetime.now(UTC)
    pages.answer(OF_CARDS, 200, DESCRIPTION)
    for seconds, fetched in ((0, 1), (59, 1), (60, 2)):
        at = now + timedelta(seconds=seconds)
        pages.app.state.portal = replace(pages.app.state.portal, now=lambda at=at: at)
        assert "GET /api/cards" in (await pages.browser.get("/docs/cards")).text
        assert (await pages.browser.get("/docs/openapi/cards.json")).json() == DESCRIPTION
        assert fetches(pages) == fetched


async def test_that_a_service_did_not_answer_is_not_kept(pages: PortalInProcess) -> None:
    assert (await pages.browser.get("/docs/cards")).status_code == 503
    pages.answer(OF_CARDS, 200, DESCRIPTION)
    assert (await pages.browser.get("/docs/cards")).status_code == 200


async def test_one_services_description_is_not_taken_for_anothers(pages: PortalInProcess) -> None:
    urls = replace(pages.app.state.portal.urls, cards="http://cards.example", settings="http://settings.example")
    pages.app.state.portal = replace(pages.app.state.portal, urls=urls)
    pages.answer(OF_CARDS, 200, DESCRIPTION)
    await pages.browser.get("/docs/cards")
    pages.answer(OF_CARDS, 200, {**DESCRIPTION, "paths": {}})
    assert "GET /api/cards" not in (await pages.browser.get("/docs/settings")).text
