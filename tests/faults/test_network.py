"""The way to Kafka or MongoDB cut, half-open or slow: time-outs fire, readiness tells the truth, nothing is doubled."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from eventlog.process import open_client
from tests.eventlog.conftest import until
from tests.faults.conftest import prepared
from tests.faults.lives import Worker, working
from tests.faults.oracle import assert_all_is_well, watched
from tests.faults.own import OwnServers
from tests.faults.proxy import Proxy
from tests.faults.quiet import until_quiet
from tests.faults.writer import Writer

UNHEALTHY_SECONDS = 30.0
SLOW_SECONDS = 8.0
FAULTS: dict[str, Callable[[Proxy], None]] = {"cut": Proxy.cut, "half-open": Proxy.hold}
long = pytest.mark.long


def way(own: OwnServers, to: str) -> Proxy:
    return own.to_kafka if to == "Kafka" else own.to_mongo


@pytest.mark.parametrize(
    ("fault", "to"),
    [
        pytest.param("half-open", "Kafka", marks=long),
        pytest.param("half-open", "MongoDB", marks=long),
        pytest.param("cut", "Kafka", marks=long),
        pytest.param("cut", "MongoDB", marks=long),
    ],
)
async def test_readiness_falls_when_the_way_is_gone_and_comes_back_with_it(
    own: OwnServers, tmp_path: Path, fault: str, to: str
) -> None:
    async with open_client(own.mongo.uri("root")) as client, prepared(own.ground(), client) as ground:
        writer = Writer(ground.store(client), Random(1))
        worker = Worker(tmp_path, replace(ground, mongodb_uri=own.proxied_mongodb_uri), "relay projector reactor")
        async with watched(ground, client), working(worker):
            await writer.write(10)
            await until_quiet(ground, client, reactions=True)
            FAULTS[fault](way(own, to))
            gone = time.monotonic()
            try:
                await writer.write(30)
                await until(lambda: _says(worker, healthy=False), UNHEALTHY_SECONDS - (time.monotonic() - gone))
            finally:
                way(own, to).heal()
            await until_quiet(ground, client, reactions=True)
            await until(lambda: _says(worker, healthy=True))
        await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)


@pytest.mark.long
@pytest.mark.parametrize("to", ["Kafka", "MongoDB"])
async def test_a_slow_way_makes_everything_slow_and_nothing_wrong(own: OwnServers, tmp_path: Path, to: str) -> None:
    async with open_client(own.mongo.uri("root")) as client, prepared(own.ground(), client) as ground:
        writer = Writer(ground.store(client), Random(1), pause=0.2)
        worker = Worker(tmp_path, replace(ground, mongodb_uri=own.proxied_mongodb_uri), "relay projector reactor")
        async with watched(ground, client), working(worker):
            way(own, to).slow(delay=0.05, bytes_per_second=200_000)
            try:
                async with asyncio.timeout(SLOW_SECONDS + 20):
                    await writer.write(40)
                await asyncio.sleep(SLOW_SECONDS)
            finally:
                way(own, to).heal()
            await until_quiet(ground, client, reactions=True)
        await assert_all_is_well(ground, client, writer.acknowledged, reactions=True)


async def _says(worker: Worker, *, healthy: bool) -> bool:
    return worker.healthy() == healthy
