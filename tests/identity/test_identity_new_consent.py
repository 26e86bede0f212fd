"""A new consent text that matters: asked for at the next sign-in, and until then nothing changes."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from medonline_contracts.identity import ConsentGiven
from services.identity.main import build
from tests.identity.world import World

SECOND = "[[versions]]\nversion = 2\npublished_on = 2026-12-01\nmaterial = true\n"


@pytest.fixture(scope="module")
async def later(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The same service after a new text was published."""
    folder = Path(shutil.copytree(world.config.consents_dir, tmp_path_factory.mktemp("texts") / "consents"))
    (folder / "personal-data/2.txt").write_text("Согласие, в котором изменилась цель", encoding="utf-8")
    with (folder / "personal-data/manifest.toml").open("a") as manifest:
        manifest.write(SECOND)
    app = build(world.config.model_copy(update={"consents_dir": folder}))
    async with app.router.lifespan_context(app):
        yield replace(world, app=app)


async def test_it_is_asked_for_at_the_next_sign_in(world: World, later: World) -> None:
    oid, before, browser = world.gosuslugi.invent(), world.browser(), later.browser()
    account_id = (await before.register(oid))["account_id"]
    assert not (await before.session()).json()["consent_due"]
    assert (await browser.come_in(oid, "sign_in")).json()["consent_due"]
    assert (await browser.http.get("/authz/required/api/cards")).status_code == 403
    by_password = await later.browser().http.post("/api/identity/sessions", json={"grant": world.grant(account_id)})
    assert by_password.json()["consent_due"]


async def test_agreeing_opens_the_services_for_every_session_of_the_account(world: World, later: World) -> None:
    oid, browser, other = world.gosuslugi.invent(), later.browser(), later.browser()
    account_id = (await world.browser().register(oid))["account_id"]
    for each in (browser, other):
        await each.come_in(oid, "sign_in")
    text = (await browser.http.get("/api/identity/consents/current")).json()
    consent = {name: text[name] for name in ("id", "version", "sha256")} | {"region": "RU-KDA"}
    for _ in range(2):
        assert (await browser.http.post("/api/identity/consents", json=consent)).json() == {"version": 5}
    for each in (browser, other):
        assert (await each.http.get("/authz/required/api/cards")).status_code == 200
    given = [each.event for each in await world.log(account_id) if isinstance(each.event, ConsentGiven)]
    assert [(each.consent.version, each.region) for each in given] == [(1, "RU-STA"), (2, "RU-KDA")]
    assert not (await later.browser().come_in(oid, "sign_in")).json()["consent_due"]


async def test_saying_no_changes_nothing(world: World, later: World) -> None:
    oid, browser = world.gosuslugi.invent(), later.browser()
    account_id = (await world.browser().register(oid))["account_id"]
    await browser.come_in(oid, "sign_in")
    events = await world.log(account_id)
    await browser.http.delete("/api/identity/session")
    assert await world.log(account_id) == events
    assert (await later.browser().come_in(oid, "sign_in")).json()["consent_due"]


async def test_who_agreed_to_the_old_text_just_before_is_registered_and_asked(world: World, later: World) -> None:
    oid, browser, afterwards = world.gosuslugi.invent(), world.browser(), later.browser()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    afterwards.http.cookies = browser.http.cookies
    completed = (await afterwards.complete(attempt_id, said)).json()
    assert (completed["outcome"], completed["consent_due"]) == ("registered", True)


async def test_the_old_text_cannot_be_agreed_to_any_more(world: World, later: World) -> None:
    text = (await world.browser().http.get("/api/identity/consents/current")).json()
    consent = {name: text[name] for name in ("id", "version", "sha256")}
    body = {"purpose": "registration", "region": "RU-STA", "consent": consent}
    answer = await later.browser().http.post("/api/identity/attempts", json=body)
    assert answer.json()["type"] == "/problems/consent-changed"
    assert (await later.browser().http.get("/api/identity/consents/personal-data/1")).json() == text
