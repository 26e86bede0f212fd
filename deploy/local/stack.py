"""Local stand, stack: the whole portal on this machine, for `make run` and for the tests alike.

A test names a part of it by `esia`, `identity`, `cards`, `settings`, `portal`, `gateway`, `kafka` or `mongo`. With
replicas each of our services is as many processes for HTTP, and the work of `identity`, `cards` and `settings` between
MongoDB and Kafka is done by as many others: `identity-bus` and so on, as in Kubernetes.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from deploy.local.gateway import SHARE_OF_TRACES, TRACES_GO_TO, Gateway, answers_ok
from deploy.local.kafka_access import environment_of
from deploy.local.ports import Ports, require_free
from deploy.local.processes import Part, StartFailed, stop_together
from deploy.local.replicas import END_SECONDS, Replicas, replicated
from deploy.local.secrets import DATABASES, OPERATORS, write_secret
from deploy.local.servers import Servers
from deploy.local.services import (
    ESIA,
    OUR_SERVICES,
    Service,
    environments_of,
    portal_origin,
    register_with_esia,
)
from medonline_contracts.topics import HOSPITAL

PEOPLE = Path(__file__).parent / "esia" / "people.json"


class Stack:
    """Everything, with its data, secrets and logs in `folder`.

    `chosen` may hold what servers.py names; `people` are the stand-in's demonstration people; `environments` adds
    variables to what a service of that name is told. `watched`: with the operators' page, which gets the traces unless
    `chosen` says where they go. `replicas` is how many processes share a role of a service.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        chosen: Mapping[str, str],
        people: Path = PEOPLE,
        environments: Mapping[str, Mapping[str, str]] | None = None,
        *,
        watched: bool = False,
        replicas: int = 1,
    ):
        self.folder = folder
        self.ports = ports
        self.people = people
        self.portal_url = portal_origin(ports)
        self.esia_url = f"http://127.0.0.1:{ports.esia}"
        self.watch_url = f"http://127.0.0.1:{ports.watch}"
        self.servers = Servers(folder, ports, chosen)
        self._traces_go_to = chosen.get(TRACES_GO_TO)
        self._share_of_traces = chosen.get(SHARE_OF_TRACES)
        self._watched = watched
        self._replicas = replicas
        self._environments = environments or {}
        self._parts: dict[str, Part] = {"kafka": self.servers.kafka, "mongo": self.servers.mongo}

    def start_all(self, report: Callable[[str], None] = lambda name: None) -> None:
        """Return when the start page answers; `report` hears the name of what has become healthy.

        Raises StartFailed; then, as after any error, the caller stops it all.
        """
        require_free(self.ports, besides=self.servers.unused_ports)
        self.servers.start()
        self.servers.wait_for_mongo()
        report("MongoDB")
        # The services start while Kafka still comes up: they have to live with that anyway.
        self._tell_outsiders()
        services = self._make_services()
        self._parts |= services
        for part in services.values():
            part.start()
        self.servers.wait_for_kafka()
        report("Kafka")
        for part in services.values():
            part.wait()
            report(part.name)
        self._wait_for_start_page()

    def stop_all(self) -> None:
        """End everything, the services before what they stand on; about ten seconds at most."""
        stop_together([part for name, part in self._parts.items() if name not in ("kafka", "mongo")], seconds=4)
        self.servers.stop()

    def start(self, name: str) -> None:
        """Start a part that was stopped or killed, and return when it is healthy. Raises StartFailed."""
        self._parts[name].start()
        self._parts[name].wait()

    def stop(self, name: str) -> None:
        """End a part in good order; it may finish what it has in hand."""
        self._parts[name].stop(END_SECONDS)

    def kill(self, name: str) -> None:
        """End a part with SIGKILL."""
        self._parts[name].kill()

    def rollable(self) -> list[str]:
        """What can be restarted without anybody noticing."""
        return [name for name, part in self._parts.items() if isinstance(part, Replicas)]

    def roll(self, name: str) -> None:
        """Restart the processes of a part one after the other. Raises StartFailed and RollFailed."""
        part = self._parts[name]
        assert isinstance(part, Replicas), f"{name} is one process: give the stack replicas"
        part.roll()

    def pids(self) -> dict[str, list[int]]:
        """The process ids of each part, as far as they run on this machine."""
        return {name: part.pids() for name, part in self._parts.items()}

    def dead(self) -> list[Part]:
        """What ought to run and does not."""
        return [part for part in self._parts.values() if not part.alive()]

    def log(self, name: str) -> Path:
        """Where a part writes what it has to say."""
        return self.folder / "logs" / f"{name}.log"

    @property
    def ops_env(self) -> Path:
        """The file that tells `ops` where everything is; it holds a password."""
        return self.folder / "ops.env"

    @property
    def hospital_env(self) -> Path:
        """The file that tells another system how it may read Kafka; with users it holds a password."""
        return self.folder / "hospital.env"

    def _told_to_operators(self) -> dict[str, str]:
        urls = {name: f"http://127.0.0.1:{asdict(self.ports)[name]}" for name in OUR_SERVICES}
        told = {"MONGODB_URI": self.servers.mongo.uri(OPERATORS), "OPS_SERVICE_URLS": json.dumps(urls)}
        told["OPS_SECRETS_DIR"] = str(self.folder / "secrets")
        return told | environment_of(self.servers.kafka.access(OPERATORS))

    def _tell_outsiders(self) -> None:
        _write_env(self.ops_env, self._told_to_operators())
        _write_env(self.hospital_env, environment_of(self.servers.kafka.access(HOSPITAL)))

    def _make_services(self) -> dict[str, Part]:
        """Made only when MongoDB's passwords exist."""
        told = environments_of(self.folder, self.ports, self._environments_of_services())
        parts: dict[str, Part] = {ESIA: Service(ESIA, self.log(ESIA), self.ports.esia, told[ESIA])}
        if self._replicas > 1:
            parts |= replicated(self.folder, self.ports, {name: told[name] for name in OUR_SERVICES}, self._replicas)
        else:
            ports = asdict(self.ports)
            parts |= {name: Service(name, self.log(name), ports[name], told[name]) for name in OUR_SERVICES}
        parts["gateway"] = Gateway(self.folder / "data", self.log("gateway"), self.ports, self._traced())
        if self._watched:
            told_to_watch = self._told_to_operators()
            if self._traces_go_to:
                told_to_watch["TRACES_GO_TO"] = self._traces_go_to
            parts["watch"] = Service("watch", self.log("watch"), self.ports.watch, told_to_watch)
        return parts

    def _traced(self) -> dict[str, str]:
        """Where gateway and services send their spans, and of which share of the requests."""
        told = {
            TRACES_GO_TO: self._traces_go_to or (self.watch_url if self._watched else None),
            SHARE_OF_TRACES: self._share_of_traces,
        }
        return {name: value for name, value in told.items() if value}

    def _environments_of_services(self) -> dict[str, dict[str, str]]:
        environments = {name: dict(self._environments.get(name, {})) for name in (ESIA, *OUR_SERVICES)}
        for name in DATABASES:
            environments[name]["MONGODB_URI"] = self.servers.mongo.uri(name)
            environments[name] |= environment_of(self.servers.kafka.access(name))
        for name in OUR_SERVICES:
            environments[name] = self._traced() | environments[name]
        clients = register_with_esia(self.folder, self.ports)
        environments[ESIA] |= {"ESIA_PEOPLE": str(self.people), "ESIA_CLIENTS": str(clients)}
        return environments

    def _wait_for_start_page(self) -> None:
        deadline = time.monotonic() + 30
        while not answers_ok(f"{self.portal_url}/"):
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.portal_url}/ does not answer; look into {self.log('gateway')}.")
            time.sleep(0.1)


def _write_env(path: Path, told: Mapping[str, str]) -> None:
    write_secret(path, "".join(f"{name}='{value}'\n" for name, value in told.items()).encode())
