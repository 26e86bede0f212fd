"""`ops keys rotate` on files: a key for later is added, those whose time is over go, and nothing is hurried."""

import json
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from chassis.signing import SigningKey, jwks_router
from chassis.signing_keys import SigningKeys, key_file, key_files, new_key
from deploy.local.secrets import make_secrets
from ops.doctor_services import key_findings
from ops.findings import Bounds, Code
from ops.key_rotation import SOONEST
from tests.ops.conftest import YES, Answer, World
from tests.serving import served

DAY = 86_400
Rotate = Callable[..., Coroutine[Any, Any, Answer]]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secrets of one machine."""
    make_secrets(tmp_path)
    return tmp_path


@pytest.fixture
def rotate(world: World, secrets: Path) -> Rotate:
    """Calls `ops keys rotate` on them."""

    async def call(*arguments: str) -> Answer:
        return await world.ops("keys", "rotate", *arguments, "--json", OPS_SECRETS_DIR=str(secrets))

    return call


def names(secrets: Path, service: str = "identity") -> list[str]:
    return [file.name for file in key_files(secrets / service)]


async def test_each_service_gets_a_key_for_later_that_only_its_owner_reads(rotate: Rotate, secrets: Path) -> None:
    [old] = names(secrets)
    answer = await rotate(*YES)
    assert (answer.exit, [key["service"] for key in answer.json["keys"]]) == (0, ["identity", "settings"])
    first, new = key_files(secrets / "identity")
    assert first.name == old
    assert new.signs_from
    assert SOONEST < new.signs_from - datetime.now(UTC) <= timedelta(minutes=15)
    assert (secrets / "identity" / new.name).stat().st_mode & 0o777 == 0o600
    assert SigningKeys(secrets / "identity").published()[1]["nbf"] == new.signs_from.timestamp()


async def test_a_new_key_is_its_services_as_the_latest_was_whoever_rotates(rotate: Rotate, secrets: Path) -> None:
    [old] = names(secrets)
    owner = 10_001 if os.geteuid() == 0 else os.geteuid()
    os.chown(secrets / "identity" / old, owner, os.getegid())
    (secrets / "identity" / old).chmod(0o440)
    assert (await rotate("identity", *YES)).exit == 0
    new = (secrets / "identity" / names(secrets)[1]).stat()
    assert (new.st_uid, new.st_mode & 0o777) == (owner, 0o440)


async def test_without_yes_it_is_only_shown(rotate: Rotate, secrets: Path) -> None:
    before = names(secrets)
    answer = await rotate("identity")
    assert (answer.exit, len(answer.json["would"]), names(secrets)) == (6, 1, before)


async def test_one_rotation_at_a_time(rotate: Rotate, secrets: Path) -> None:
    assert (await rotate(*YES)).exit == 0
    again = await rotate("settings", *YES)
    assert (again.exit, "rotated already" in again.json["error"]["sentence"]) == (4, True)
    assert len(names(secrets, "settings")) == 2


async def test_keys_that_no_token_needs_any_more_are_deleted(rotate: Rotate, secrets: Path) -> None:
    now = datetime.now(UTC)
    for hours in (48, 24):
        (secrets / "identity" / key_file(now - timedelta(hours=hours)).name).write_bytes(new_key())
    (secrets / "identity" / "signing.pem").write_bytes(new_key())
    first, second, third, latest = names(secrets)
    answer = await rotate("identity", *YES)
    assert answer.json["keys"][0]["deleted"] == [first, second]
    assert names(secrets)[:2] == [third, latest], "who signed until a moment ago is needed still"


async def test_a_key_that_would_sign_before_everybody_knows_it_is_refused(rotate: Rotate, secrets: Path) -> None:
    soon = ("--signs-after-seconds", "5")
    refused = await rotate("identity", *soon, *YES)
    assert (refused.exit, len(names(secrets))) == (4, 1)
    assert (await rotate("identity", *soon, "--although-soon", *YES)).exit == 0


@pytest.mark.parametrize("seconds", ["0", str(DAY + 60)])
async def test_at_once_is_too_soon_and_after_a_day_too_late(rotate: Rotate, secrets: Path, seconds: str) -> None:
    refused = await rotate("identity", "--signs-after-seconds", seconds, *YES)
    assert (refused.exit, len(names(secrets))) == (4, 1)


async def test_a_key_can_be_made_that_signs_at_once(rotate: Rotate, secrets: Path) -> None:
    assert (await rotate("identity", "--signs-after-seconds", "0", "--although-soon", *YES)).exit == 0
    assert key_files(secrets / "identity")[-1].order <= datetime.now(UTC)


def test_a_key_for_a_time_more_than_a_day_ahead_is_not_published_before(secrets: Path) -> None:
    now = datetime.now(UTC)
    (secrets / "identity" / key_file(now + timedelta(hours=25)).name).write_bytes(new_key())
    assert len(SigningKeys(secrets / "identity", clock=lambda: now).published()) == 1
    assert 24.9 < REGISTRY.get_sample_value("signing_key_ahead_seconds") / 3_600 <= 25  # type: ignore[operator]  # it is there
    assert len(SigningKeys(secrets / "identity", clock=lambda: now + timedelta(hours=2)).published()) == 2


def test_the_only_key_signs_and_is_published_whatever_its_name_says(tmp_path: Path) -> None:
    (tmp_path / key_file(datetime.now(UTC) + timedelta(days=3)).name).write_bytes(new_key())
    assert len(SigningKeys(tmp_path).published()) == 1


async def test_for_a_secret_store_it_is_printed_and_kept_nowhere(rotate: Rotate, secrets: Path, world: World) -> None:
    before = names(secrets)
    answer = await rotate("settings", "--print", *YES)
    [key] = answer.json["keys"]
    assert key["file"].startswith("signing-")
    assert SigningKey.of_pem(key["pem"].encode()).kid
    assert names(secrets) == before
    told = await world.ops("keys", "rotate", "settings", "--print", *YES)
    assert "PRIVATE KEY" in told.out
    assert "PRIVATE KEY" not in (await world.ops("record", "list", "--json")).out


@pytest.mark.parametrize(
    ("arguments", "environment", "exit"),
    [
        (["cards"], {}, 2),
        ([], {"OPS_SECRETS_DIR": ""}, 2),
        ([], {"OPS_SECRETS_DIR": "no/such/folder"}, 4),
        (["settings"], {"OPS_SECRETS_DIR": "{secrets}/portal"}, 4),
    ],
)
async def test_what_cannot_be_rotated_is_said(
    world: World, secrets: Path, arguments: list[str], environment: dict[str, str], exit: int
) -> None:
    told = {name: value.format(secrets=secrets) for name, value in environment.items()}
    answer = await world.ops("keys", "rotate", *arguments, *YES, "--json", **({"OPS_SECRETS_DIR": str(secrets)} | told))
    assert (answer.exit, "Traceback" in answer.error) == (exit, False)


async def test_the_published_keys_are_listed(world: World, secrets: Path) -> None:
    keys = SigningKeys(secrets / "identity")
    app = FastAPI()
    app.include_router(jwks_router(keys))
    async with served(app) as url:
        answer = await world.ops("keys", "list", "--json", OPS_SERVICE_URLS=json.dumps({"identity": url}))
    assert [key["kid"] for key in answer.json["keys"]] == [keys.published()[0]["kid"]]
    away = await world.ops("keys", "list", "--json", OPS_SERVICE_URLS='{"identity": "http://127.0.0.1:1"}')
    assert (away.exit, (await world.ops("keys", "list")).exit) == (3, 2)


@pytest.mark.parametrize(
    ("measured", "codes"),
    [
        ({"signing_key_age_seconds": 89.0 * DAY, "signing_key_files": 1.0}, set()),
        ({"signing_key_age_seconds": 91.0 * DAY, "signing_key_files": 2.0}, {Code.SIGNING_KEY_OLD}),
        ({"signing_key_age_seconds": float("nan"), "signing_key_files": 0.0}, {Code.SIGNING_KEY_MISSING}),
        ({"signing_key_ahead_seconds": DAY - 1.0}, set()),
        ({"signing_key_ahead_seconds": DAY + 1.0}, {Code.SIGNING_KEY_AHEAD}),
        ({}, set()),
    ],
)
def test_the_doctor_finds_a_key_that_is_old_or_gone_or_far_ahead(measured: dict[str, float], codes: set[Code]) -> None:
    assert {finding.code for finding in key_findings("identity", measured, Bounds())} == codes
