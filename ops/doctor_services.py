"""Ops, the doctor on the services themselves: whether they say that they can work, and how their keys are."""

import asyncio
import math
from collections.abc import Iterator

import httpx
from prometheus_client.parser import text_string_to_metric_families

from chassis.signing_keys import AHEAD_AT_MOST
from ops.findings import Bounds, Code, Finding
from ops.installation import Installation
from ops.output import age_of

ANSWER_SECONDS = 5.0
KEY_AGE, KEY_AHEAD, KEY_FILES = "signing_key_age_seconds", "signing_key_ahead_seconds", "signing_key_files"


async def service_findings(installation: Installation, bounds: Bounds) -> list[Finding]:
    """What is wrong with the services whose addresses are known."""
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as http:
        port = installation.metrics_port
        asked = [_findings(http, service, url.rstrip("/"), port, bounds) for service, url in installation.urls.items()]
        return [finding for several in await asyncio.gather(*asked) for finding in several]


def key_findings(service: str, measured: dict[str, float], bounds: Bounds) -> Iterator[Finding]:
    """Whether its keys are in order, by what chassis/signing_keys.py measures.

    The one that signs may be old, or no longer where it would be read at the next start; another too far ahead.
    """
    if measured.get(KEY_FILES, math.nan) == 0:
        sentence = "It signs with a key that is no longer in its folder of secrets: it could not start again."
        yield Finding(Code.SIGNING_KEY_MISSING, service, sentence)
    if (age := measured.get(KEY_AGE, math.nan)) > bounds.key_days * 86_400:
        yield Finding(Code.SIGNING_KEY_OLD, service, f"The key with which it signs is in use for {age_of(age)}.")
    if (ahead := measured.get(KEY_AHEAD, math.nan)) > AHEAD_AT_MOST.total_seconds():
        sentence = f"In its folder of secrets lies a key that is to sign in {age_of(ahead)}: it is not published."
        yield Finding(Code.SIGNING_KEY_AHEAD, service, sentence)


async def _findings(
    http: httpx.AsyncClient, service: str, url: str, metrics_port: int | None, bounds: Bounds
) -> list[Finding]:
    asked = _readiness(http, service, url), _figures(http, service, url, metrics_port, bounds)
    return [finding for several in await asyncio.gather(*asked) for finding in several]


async def _readiness(http: httpx.AsyncClient, service: str, url: str) -> list[Finding]:
    try:
        ready = await http.get(f"{url}/health/ready")
        checks = ready.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        sentence = f"{url} does not say whether it is ready ({type(error).__name__})."
        return [Finding(Code.SERVICE_NOT_READY, service, sentence)]
    if ready.status_code == 200:
        return []
    failing = [str(name) for name, passes in checks.items() if not passes] if isinstance(checks, dict) else []
    return [Finding(Code.SERVICE_NOT_READY, service, f"It is not ready: {', '.join(failing) or ready.status_code}.")]


async def _figures(http: httpx.AsyncClient, service: str, url: str, port: int | None, bounds: Bounds) -> list[Finding]:
    """What its figures say; that it tells none where they were asked for is a finding of its own."""
    address: httpx.URL | str = f"{url}/metrics"
    try:
        if port is not None:
            address = httpx.URL(address).copy_with(port=port)
        metrics = (await http.get(address)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        sentence = f"{address} tells no figures ({type(error).__name__}): how its signing keys are is not known."
        return [Finding(Code.SERVICE_UNMEASURED, service, sentence)]
    return list(key_findings(service, _measured(metrics.text), bounds))


def _measured(text: str) -> dict[str, float]:
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:  # it is no service of ours that answers there
        return {}
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
