"""Measures a registration: from Gosuslugi's callback to the card readable at the API, on the whole real portal.

    .venv/bin/python -m bench.registration [--people 100]

Prints the median and the 99th percentile, and the two parts they are made of: the callback answered (code exchanged,
person read, events appended, session opened) and then the card readable (relay, Kafka, projector).
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from tests.journeys.crowd import write_crowd
from tests.journeys.steps import Citizen, choose_region, citizens, code_sent_to, reach_esia, type_esia_password
from tests.journeys.visitor import Visitor

Times = tuple[float, float]


async def callback_of(visitor: Visitor, stack: Stack, person: Citizen) -> str:
    """Walk to where Gosuslugi sends the browser back, and stop before going there."""
    await choose_region(visitor)
    await reach_esia(visitor)
    await type_esia_password(visitor, person)
    visitor.fill("Код подтверждения", await code_sent_to(visitor, stack, person))
    answer = await visitor.http.send(visitor.request_of("Подтвердить"), follow_redirects=False)
    while not (location := answer.headers["location"]).startswith(stack.portal_url):
        answer = await visitor.http.get(str(answer.url.join(location)), follow_redirects=False)
    return str(location)


async def measure(stack: Stack, person: Citizen) -> Times:
    """Seconds until the callback is answered, and from the callback until the card is readable."""
    async with Visitor(stack.portal_url) as visitor:
        callback = await callback_of(visitor, stack, person)
        started = time.perf_counter()
        answer = await visitor.http.get(callback, follow_redirects=False)
        answered = time.perf_counter()
        if "/cards" not in answer.headers.get("location", ""):
            raise SystemExit(f"the callback led to {answer.headers.get('location')} with {answer.status_code}")
        while True:
            cards = (await visitor.http.get(f"{stack.portal_url}/api/cards?account_version=2")).json()
            if cards["complete"]:
                return answered - started, time.perf_counter() - started


def show(name: str, seconds: list[float]) -> None:
    """One line: median and 99th percentile in milliseconds."""
    p99 = quantiles(seconds, n=100, method="inclusive")[98]
    print(f"{name:32} p50 {median(seconds) * 1000:7.1f} ms   p99 {p99 * 1000:7.1f} ms")


async def run(stack: Stack, warm_up: int) -> None:
    people = citizens(stack.people)
    for person in people[:warm_up]:
        await measure(stack, person)
    times = [await measure(stack, person) for person in people[warm_up:]]
    print(f"{len(times)} registrations, one after another, after {warm_up} to warm up")
    show("callback answered", [answered for answered, _ in times])
    show("then the card readable", [readable - answered for answered, readable in times])
    show("callback to card readable", [readable for _, readable in times])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100)
    count = options.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / "people.json"
        write_crowd(people, count + 5)
        all_from_here = {"ATTEMPTS_PER_ADDRESS": str(count + 5)}
        stack = Stack(Path(folder), free_ports(), {}, people, environments={"identity": all_from_here})
        try:
            stack.start_all()
            asyncio.run(run(stack, warm_up=5))
        finally:
            stack.stop_all()


if __name__ == "__main__":
    main()
