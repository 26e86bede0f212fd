"""Wrong input is told and changes nothing."""

import json
from typing import Any

import pytest

from tests.identity.world import World, problem


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purpose": "registration", "region": "RU-STA"},
        {"purpose": "sign_in", "region": "RU-XXX"},
        {"purpose": "sign_in", "return_to": "//evil.example"},
        {"purpose": "sign_in", "return_to": "/\ud800"},
        {"purpose": "visit"},
        {"purpose": "registration", "region": "RU-STA", "consent": {"id": "x", "version": 10**30, "sha256": "0" * 64}},
    ],
)
async def test_wrong_input_begins_nothing(world: World, body: dict[str, Any]) -> None:
    before = await world.everything()
    answer = await world.browser().http.post("/api/identity/attempts", content=json.dumps(body))
    assert problem(answer) == (422, "invalid-input")
    assert await world.everything() == before


@pytest.mark.parametrize("said", [{}, {"code": ""}, {"code": "1", "error": "2"}, {"error": ""}, {"code": 1}])
async def test_a_callback_that_says_nothing_changes_nothing(world: World, said: dict[str, Any]) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    assert problem(await browser.complete(attempt_id, said)) == (422, "invalid-input")
    assert (await browser.complete(attempt_id, await browser.at_gosuslugi(attempt_id, oid))).status_code == 200


async def test_a_foreign_page_cannot_begin_or_complete_anything(world: World) -> None:
    browser = world.browser()
    browser.http.headers["origin"] = "https://evil.example"
    answer = await browser.http.post("/api/identity/attempts", json={"purpose": "sign_in"})
    assert problem(answer) == (403, "foreign-origin")
