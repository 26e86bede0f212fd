"""Local stand, replicas: one service in one role, run by several processes and restarted as a Deployment does it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from deploy.local.balancer import Balancer
from deploy.local.ports import Ports, some_free
from deploy.local.processes import Part
from deploy.local.secrets import DATABASES
from deploy.local.services import Environment, Service

DRAIN_SECONDS = 5  # longer than the balancer takes to notice, and than anybody keeps an idle connection
END_SECONDS = 60.0  # to drain and to finish what is in hand, before it is killed
KNOWN_SECONDS = 30.0


class RollFailed(Exception):
    """A restart that would not go unnoticed; the message says whose, and at what."""


class Replicas(Part):
    """All but one of `slots` run; the spare one is where a restart begins.

    `is_sent_to` says whether those who call the service are led to a process: an old one ends only when a new one is.
    """

    def __init__(self, name: str, slots: Sequence[Service], is_sent_to: Callable[[Service], bool] = lambda _: True):
        self.name = name
        self._running, self._spare = list(slots[:-1]), slots[-1]
        self._is_sent_to = is_sent_to

    def roll(self) -> None:
        """Restart one after the other: a new one, ready and known, then the old one's end. Raises RollFailed."""
        for place, old in enumerate(self._running):
            self._spare.start()
            self._spare.wait()
            self._wait_until_known(self._spare)
            self._running[place] = self._spare
            old.stop(END_SECONDS)
            if old.was_killed():
                raise RollFailed(f"{self.name} did not end within {END_SECONDS:.0f} s")
            self._spare = old

    def start(self) -> None:
        for one in self._running:
            one.start()

    def ready(self) -> bool:
        return all(one.ready() for one in self._running)

    def alive(self) -> bool:
        return all(one.alive() for one in self._running)

    def pids(self) -> list[int]:
        return [pid for one in (*self._running, self._spare) for pid in one.pids()]

    def ask_to_stop(self) -> None:
        for one in (*self._running, self._spare):
            one.ask_to_stop()

    def stop(self, seconds: float) -> None:
        self.ask_to_stop()
        deadline = time.monotonic() + seconds
        for one in (*self._running, self._spare):
            one.stop(max(0.1, deadline - time.monotonic()))

    def kill(self) -> None:
        for one in (*self._running, self._spare):
            one.kill()

    def ending(self) -> str:
        return self._ended().ending()

    def last_lines(self) -> str:
        return self._ended().last_lines()

    def _ended(self) -> Service:
        return next((one for one in self._running if not one.alive()), self._running[0])

    def _wait_until_known(self, newcomer: Service) -> None:
        deadline = time.monotonic() + KNOWN_SECONDS
        while not self._is_sent_to(newcomer):
            if time.monotonic() > deadline:
                raise RollFailed(f"nobody is sent to the new {self.name} on port {newcomer.port}")
            time.sleep(0.1)


def replicated(folder: Path, ports: Ports, told: Mapping[str, Environment], count: int) -> dict[str, Part]:
    """The services of these names, in two roles, by so many processes each, and the balancer that finds them."""
    roles = [(name, "http") for name in told] + [(name, "bus") for name in told if name in DATABASES]
    numbers = range(1, count + 2)
    free = iter(some_free(1 + len(roles) * len(numbers), besides=list(asdict(ports).values())))
    slots = {
        (name, role): [
            Service(name, folder / f"logs/{name}-{role}-{number}.log", next(free), _told(told[name], role), role)
            for number in numbers
        ]
        for name, role in roles
    }
    called = {name: slots[name, "http"] for name in told}
    balancer = Balancer(folder / "data", folder / "logs/balancer.log", next(free), asdict(ports), called)
    parts: dict[str, Part] = {"balancer": balancer}
    parts |= {name: Replicas(name, services, balancer.sends_to) for name, services in called.items()}
    return parts | {f"{name}-bus": Replicas(f"{name}-bus", slots[name, "bus"]) for name in told if name in DATABASES}


def _told(environment: Environment, role: str) -> Environment:
    return {**environment, "DRAIN_SECONDS": str(DRAIN_SECONDS)} if role == "http" else environment
