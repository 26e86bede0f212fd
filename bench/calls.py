"""Measures what a call from the portal to a service takes of a processor, beside the same call made with httpx.

.venv/bin/python -m bench.calls [--rounds 5] [--calls 2000]
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvloop

from bench.rounds import Measured, Target, interleave, ratio
from deploy.local.gateway import answers_ok
from deploy.local.ports import some_free
from deploy.local.processes import REPOSITORY
from services.portal.clients.connections import Connections

OURS, HTTPX = "the portal's", "httpx"
AT_ONCE = (1, 8, 40)
SECONDS = 8.0
HEADERS = {"x-access-token": "t" * 400, "x-request-id": "r" * 36, "cookie": "session=" + "s" * 43}
EXPLAINED = """\
Processor time of the one who asks, for a GET that is answered at once with 800 bytes of JSON, while so many ask at the
same time over connections that stay open. **the portal's**: its own connections (aiohttp, `services/portal/clients`).
**httpx**: a client of its own, at most 100 connections. Both on uvloop. A page of the portal asks two or three times.
"""

Ask = Callable[[], Awaitable[object]]


@contextmanager
def answering() -> Iterator[str]:
    """The address of a service that answers at once, in a process of its own."""
    (port,) = some_free(1)
    process = subprocess.Popen([sys.executable, "-m", "bench.contenders.answering", str(port)], cwd=REPOSITORY)
    try:
        while not answers_ok(url := f"http://127.0.0.1:{port}/"):
            if process.poll() is not None:
                raise SystemExit("the service that answers did not start")
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def asking(who: str, url: str) -> AsyncIterator[Ask]:
    """One call of theirs."""
    if who == OURS:
        async with Connections() as connections:
            yield lambda: connections.ask("GET", url, headers=HEADERS, seconds=SECONDS)
    else:
        limits = httpx.Limits(max_connections=100, keepalive_expiry=3)
        async with httpx.AsyncClient(trust_env=False, limits=limits) as client:
            yield lambda: client.get(url, headers=HEADERS, timeout=SECONDS)


async def microseconds(who: str, url: str, at_once: int, calls: int) -> float:
    """Of a processor, for a call of this process."""
    async with asking(who, url) as ask:

        async def one_after_the_other() -> None:
            for _ in range(calls // at_once):
                await ask()

        for _ in range(2):  # the first time to warm up
            before = time.process_time()
            await asyncio.gather(*[one_after_the_other() for _ in range(at_once)])
        return (time.process_time() - before) / (calls // at_once * at_once) * 1e6


async def measure(rounds: int, calls: int) -> None:
    """Run them all in turn and keep what was found."""
    with answering() as url:
        names = {f"{who}, {at_once} at once": (who, at_once) for at_once in AT_ONCE for who in (OURS, HTTPX)}
        values = await interleave(
            list(names), rounds, lambda name: microseconds(names[name][0], url, names[name][1], calls)
        )
    targets = [
        Target(
            f"a call, {n} at once: httpx ÷ the portal's",
            ratio(values, f"{HTTPX}, {n} at once", f"{OURS}, {n} at once"),
            2,
        )
        for n in AT_ONCE
    ]
    Measured("calls", "A call from the portal to a service", EXPLAINED, "microseconds", values, targets).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--calls", type=int, default=2000)
    chosen = options.parse_args()
    uvloop.run(measure(chosen.rounds, chosen.calls))


if __name__ == "__main__":
    main()
