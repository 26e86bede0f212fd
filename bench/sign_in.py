"""Measures signing in by password on the whole real portal: beside bare Argon2id, and what a flood does to a page.

.venv/bin/python -m bench.sign_in [--rounds 5] [--seconds 15]
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

import httpx

from bench.open_loop import open_loop
from bench.processor import Spending, processor_seconds
from bench.rounds import Measured, Target, interleave, ratio
from deploy.local.ports import free_ports
from deploy.local.processes import REPOSITORY
from deploy.local.stack import Stack
from services.settings.passwords import WORKERS
from tests.journeys.crowd import write_crowd
from tests.journeys.steps import Citizen, citizens, register, set_password
from tests.journeys.visitor import Visitor

PASSWORD = "Ozerov7Lug"
PEOPLE = 6
AT_ONCE = 6  # keeps the threads that hash busy, and no more wait than the queue holds
PAGES_PER_SECOND = 10
SIGN_INS, BARE = "sign-ins by password", "bare Argon2id"
IDLE, FLOODED = "«Мои карты» p99, idle", "«Мои карты» p99, flooded"
EXPLAINED = f"""\
The whole portal, as `make run` starts it, and this measurement beside it on the same cores. **{SIGN_INS}**: {AT_ONCE}
clients over and over post login and password to «Войти» (gateway, portal, settings with its Argon2id, identity with a
new session). **{BARE}**: {WORKERS} threads of a process of their own verify a password with the service's own
parameters, while the portal is idle.
"""
SPENT = """\
Processor time in the flood above, for each sign-in. One hash is bare Argon2id's share of it: both cores divided by the
rate above. The rest is what three services in Python, MongoDB and the gateway take for the page's form, seven reads and
writes that count and look up, and a session opened in a transaction.
"""
PAGE = f"""\
«Мои карты» of somebody signed in, asked for {PAGES_PER_SECOND} times a second through the gateway, while the portal is
idle and while {AT_ONCE} clients sign in over and over.
"""


class Portal:
    """The running portal, with people who have a password."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._people = citizens(stack.people)
        self.spending = Spending(1e-3)

    async def register_all(self) -> None:
        """Everybody registers and sets the password."""
        for person in self._people:
            async with Visitor(self._stack.portal_url) as visitor:
                await register(visitor, self._stack, person)
                await set_password(visitor, PASSWORD)

    async def sign_ins_per_second(self, seconds: float) -> float:
        """Sign in over and over for so long."""
        async with self.flooded() as signed_in:
            await asyncio.sleep(1)
            before, started, first = len(signed_in), time.perf_counter(), processor_seconds()
            await asyncio.sleep(seconds)
            count = len(signed_in) - before
            self.spending.note("", first, count)
            return count / (time.perf_counter() - started)

    @asynccontextmanager
    async def flooded(self) -> AsyncIterator[list[str]]:
        """Sign in over and over while the body runs; the list grows with every one who did."""
        signed_in: list[str] = []
        people = (self._people * AT_ONCE)[:AT_ONCE]
        clients = [
            asyncio.create_task(self._sign_in_for_ever(person, f"127.0.2.{number}", signed_in))
            for number, person in enumerate(people, 1)
        ]
        try:
            yield signed_in
        finally:
            for client in clients:
                client.cancel()
            for outcome in await asyncio.gather(*clients, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    async def _sign_in_for_ever(self, person: Citizen, address: str, signed_in: list[str]) -> None:
        transport = httpx.AsyncHTTPTransport(local_address=address)  # the gateway limits what one address may try
        async with httpx.AsyncClient(base_url=self._stack.portal_url, transport=transport, timeout=30) as http:
            while True:
                signed_in.append(await self._sign_in(http, person))
                http.cookies.clear()

    async def _sign_in(self, http: httpx.AsyncClient, person: Citizen) -> str:
        typed = {"login": person.login, "password": PASSWORD}
        answer = await http.post("/sign-in", data=typed, headers={"origin": self._stack.portal_url})
        if answer.headers.get("location") != "/cards":
            raise SystemExit(f"signing in led to {answer.status_code} {answer.headers.get('location')}")
        return person.login

    async def page_p99_milliseconds(self, seconds: float) -> float:
        """The 99th percentile of «Мои карты»."""
        async with httpx.AsyncClient(base_url=self._stack.portal_url, timeout=30) as http:
            await self._sign_in(http, self._people[0])
            took: list[float] = []
            started = time.perf_counter()

            async def ask(turn: int) -> None:
                answer = await http.get("/cards")
                took.append((time.perf_counter() - started - turn / PAGES_PER_SECOND) * 1000)
                if answer.status_code != 200:
                    raise SystemExit(f"«Мои карты» answered {answer.status_code}")

            await open_loop(ask, PAGES_PER_SECOND, seconds)
        return quantiles(took, n=100, method="inclusive")[98]


async def bare_per_second(seconds: float) -> float:
    """Verifications per second in a process that does nothing else."""
    command = [sys.executable, "-m", "bench.contenders.argon2id", str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE)
    return float((await process.communicate())[0])


async def run(stack: Stack, rounds: int, seconds: float) -> None:
    portal = Portal(stack)
    await portal.register_all()

    async def measure(name: str) -> float:
        if name == BARE:
            return await bare_per_second(seconds)
        if name == SIGN_INS:
            return await portal.sign_ins_per_second(seconds)
        if name == IDLE:
            return await portal.page_p99_milliseconds(seconds)
        async with portal.flooded():
            return await portal.page_p99_milliseconds(seconds)

    values = await interleave([SIGN_INS, BARE, IDLE, FLOODED], rounds, measure)
    rates, pages = ({name: values[name] for name in names} for names in ((SIGN_INS, BARE), (IDLE, FLOODED)))
    target = Target("sign-ins per second ÷ bare Argon2id", ratio(rates, SIGN_INS, BARE), 0.9)
    Measured("sign_in", "Signing in by password", EXPLAINED, "per second", rates, [target]).save()
    title = "Signing in by password: where the time goes"
    Measured("sign_in_spent", title, SPENT, "milliseconds", portal.spending.values(), []).save()
    target = Target("p99 of «Мои карты»: flooded ÷ idle", ratio(pages, FLOODED, IDLE), 2, at_most=True)
    Measured("page", "A page while sign-ins flood", PAGE, "milliseconds", pages, [target]).save()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=15)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        people = Path(folder) / "people.json"
        write_crowd(people, PEOPLE)
        unlimited = {"identity": {"ATTEMPTS_PER_ADDRESS": "1000"}, "settings": {"GUESSES_PER_ADDRESS": "1000000"}}
        stack = Stack(Path(folder), free_ports(), {}, people, environments=unlimited)
        try:
            stack.start_all()
            asyncio.run(run(stack, chosen.rounds, chosen.seconds))
        finally:
            stack.stop_all()


if __name__ == "__main__":
    main()
