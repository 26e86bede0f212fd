"""The doctor on what falls due: removed cards that ought to be erased, and signing keys that grow old or are gone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from httpx import URL
from prometheus_client import generate_latest

from chassis.signing_keys import SigningKeys, key_file, new_key
from eventlog.lease import Lease
from ops.findings import Code
from services.cards.erasures import Erasures
from tests.ops.conftest import World
from tests.serving import served

NOW = datetime.now(UTC)


async def sentence(world: World, code: Code, **environment: str) -> str | None:
    """What the doctor says of this, if anything."""
    findings = (await world.ops("doctor", "--json", **environment)).json["findings"]
    return next((finding["sentence"] for finding in findings if finding["code"] == code), None)


async def due(world: World, at: datetime) -> Erasures:
    """The erasures of cards, one of them due at that time."""
    await world.databases["cards"]["erasures"].insert_one({"_id": "card", "account_id": "account", "due_at": at})
    return Erasures(world.databases["cards"])


async def test_a_card_that_ought_to_be_erased_is_found_though_it_was_put_off(world: World) -> None:
    erasures = await due(world, NOW - timedelta(hours=3))
    said = "1 removed card should have been erased, the longest overdue for 3 h. No process holds the timer's lease."
    assert await sentence(world, Code.ERASURE_OVERDUE) == said
    assert await Lease(world.databases["cards"], "erasures").acquire()
    for _ in range(2):
        await erasures.put_off("card", NOW)
    assert await sentence(world, Code.ERASURE_OVERDUE) == said.removesuffix(" No process holds the timer's lease.")
    assert await erasures.overdue_since(NOW) == (NOW - timedelta(hours=3)).replace(
        microsecond=NOW.microsecond // 1000 * 1000
    )


@pytest.mark.parametrize("late", [timedelta(minutes=5), timedelta(days=-3)])
async def test_a_card_that_is_not_yet_late_is_no_finding(world: World, late: timedelta) -> None:
    await due(world, NOW - late)
    assert await sentence(world, Code.ERASURE_OVERDUE) is None


async def test_keys_are_judged_by_what_the_service_itself_measures(world: World, tmp_path: Path) -> None:
    file = tmp_path / key_file(NOW - timedelta(days=91)).name
    file.write_bytes(new_key())
    SigningKeys(tmp_path)
    app = FastAPI()
    app.get("/health/ready")(lambda: {"mongodb": True})
    app.get("/metrics")(lambda: Response(generate_latest(), media_type="text/plain"))
    async with served(app) as url:
        urls = {"OPS_SERVICE_URLS": json.dumps({"identity": url})}
        assert await sentence(world, Code.SIGNING_KEY_OLD, **urls) == "The key with which it signs is in use for 91 d."
        assert await sentence(world, Code.SIGNING_KEY_MISSING, **urls) is None
        async with served(FastAPI()) as tells_none:
            elsewhere = {"OPS_SERVICE_URLS": json.dumps({"identity": url}), "METRICS_PORT": str(URL(tells_none).port)}
            assert await sentence(world, Code.SIGNING_KEY_OLD, **elsewhere) is None
            elsewhere["METRICS_PORT"] = str(URL(url).port)
            assert await sentence(world, Code.SIGNING_KEY_OLD, **elsewhere) is not None
        file.unlink()
        assert "could not start again" in str(await sentence(world, Code.SIGNING_KEY_MISSING, **urls))
