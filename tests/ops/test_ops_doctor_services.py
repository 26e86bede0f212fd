"""The doctor at the services' doors: what one of two says does not depend on whether the other answers."""

import asyncio
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from httpx import URL

from ops.config import Config
from ops.doctor_services import service_findings
from ops.findings import Bounds, Code
from ops.installation import open_installation
from tests.kubernetes.manifests import PROD, settings_of
from tests.serving import served

ALERTS = Path(__file__).parents[2] / "docs/operations/alerts.md"
NOWHERE = 1  # no port on which anything listens
KEY_IS_GONE = "signing_key_files 0.0\n"


@asynccontextmanager
async def door(*, ready: bool, figures: str | None = None) -> AsyncIterator[str]:
    """Where a service tells whether it is ready, and its figures if it has any there."""
    app = FastAPI()
    app.get("/health/ready")(lambda: Response(f'{{"relay": {str(ready).lower()}}}', 200 if ready else 503))
    if figures is not None:
        app.get("/metrics")(lambda: Response(figures, media_type="text/plain"))
    async with served(app) as url:
        yield url


async def told_of(url: str, metrics_port: int | None) -> dict[Code, str]:
    """What the doctor says of a service at this address; it asks neither MongoDB nor Kafka for that."""
    config = Config(
        mongodb_uri=f"mongodb://127.0.0.1:{NOWHERE}/",
        kafka_bootstrap_servers=f"127.0.0.1:{NOWHERE}",
        ops_service_urls={"cards": url},
        metrics_port=metrics_port,
    )
    async with open_installation(config) as installation:
        return {found.code: found.sentence for found in await service_findings(installation, Bounds())}


async def test_a_ready_service_that_tells_no_figures_is_not_called_unready() -> None:
    async with door(ready=True) as url:
        told = await told_of(url, NOWHERE)
    assert told.keys() == {Code.SERVICE_UNMEASURED}
    assert f"http://127.0.0.1:{NOWHERE}/metrics tells no figures (ConnectError)" in told[Code.SERVICE_UNMEASURED]


async def test_what_the_page_says_to_ask_a_pod_that_is_not_ready_names_what_it_lacks() -> None:
    (line,) = re.findall(r'`(python -c "[^`]+")`', ALERTS.read_text())
    pod = f"http://POD_IP:{settings_of(PROD, 'environment')['METRICS_PORT']}"
    async with door(ready=False) as url:
        command = [sys.executable, *shlex.split(line.replace(pod, url))[1:]]
        said = await asyncio.to_thread(subprocess.run, command, env={}, capture_output=True, text=True, check=True)
    assert said.stdout == '{"relay": false}\n'


async def test_a_service_that_tells_no_figures_still_says_what_keeps_it_from_being_ready() -> None:
    async with door(ready=False) as url:
        told = await told_of(url, NOWHERE)
    assert told[Code.SERVICE_NOT_READY] == "It is not ready: relay."
    assert Code.SERVICE_UNMEASURED in told


async def test_the_keys_of_a_service_whose_readiness_does_not_answer_are_still_judged() -> None:
    async with door(ready=True, figures=KEY_IS_GONE) as url:
        told = await told_of(f"http://127.0.0.1:{NOWHERE}", URL(url).port)
    assert told.keys() == {Code.SERVICE_NOT_READY, Code.SIGNING_KEY_MISSING}


@pytest.mark.parametrize("metrics_port", [None, NOWHERE])
async def test_an_address_that_is_none_is_told_and_ends_nothing(metrics_port: int | None) -> None:
    told = await told_of("http://cards:port", metrics_port)
    assert told.keys() == {Code.SERVICE_NOT_READY, Code.SERVICE_UNMEASURED}
    assert "http://cards:port/metrics" in told[Code.SERVICE_UNMEASURED]


async def test_where_something_else_answers_than_figures_that_is_told_too() -> None:
    async with door(ready=True) as url:
        told = await told_of(url, None)
    assert told[Code.SERVICE_UNMEASURED].startswith(f"{url}/metrics tells no figures (HTTPStatusError)")
