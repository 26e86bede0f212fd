"""Local stand, stack: the whole portal on this machine, for `make run` and for the tests alike.

A test names a part of it by `esia`, `identity`, `cards`, `settings`, `portal`, `gateway`, `kafka` or `mongo`.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.gateway import Gateway, answers_ok
from deploy.local.kafka_access import environment_of
from deploy.local.ports import Ports, require_free
from deploy.local.processes import Part, StartFailed, stop_together
from deploy.local.secrets import DATABASES, OPERATORS, write_secret
from deploy.local.servers import Servers
from deploy.local.services import Service, our_services, portal_origin, register_with_esia
from medonline_contracts.topics import HOSPITAL

PEOPLE = Path(__file__).parent / "esia" / "people.json"


class Stack:
    """Everything, with its data, secrets and logs in `folder`.

    `chosen` may hold what servers.py names; `people` are the stand-in's demonstration people; `environments` adds
    variables to what a service of that name is told.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        chosen: Mapping[str, str],
        people: Path = PEOPLE,
        environments: Mapping[str, Mapping[str, str]] | None = None,
    ):
        self.folder = folder
        self.ports = ports
        self.people = people
        self.portal_url = portal_origin(ports)
        self.esia_url = f"http://127.0.0.1:{ports.esia}"
        self.servers = Servers(folder, ports, chosen)
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
        services = self._make_services()
        self._parts |= services
        self._tell_outsiders()
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
        """End a part in good order."""
        self._parts[name].stop(seconds=8)

    def kill(self, name: str) -> None:
        """End a part with SIGKILL."""
        self._parts[name].kill()

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

    def _tell_outsiders(self) -> None:
        urls = {name: part.url for name, part in self._parts.items() if isinstance(part, Service) and name != "esia"}
        told = {
            "MONGODB_URI": self.servers.mongo.uri(OPERATORS),
            "OPS_SERVICE_URLS": json.dumps(urls),
        }
        _write_env(self.ops_env, told | environment_of(self.servers.kafka.access(OPERATORS)))
        _write_env(self.hospital_env, environment_of(self.servers.kafka.access(HOSPITAL)))

    def _make_services(self) -> dict[str, Part]:
        """Made only when MongoDB's passwords exist."""
        environments: dict[str, dict[str, str]] = {name: dict(more) for name, more in self._environments.items()}
        for name in DATABASES:
            environments.setdefault(name, {})["MONGODB_URI"] = self.servers.mongo.uri(name)
            environments[name] |= environment_of(self.servers.kafka.access(name))
        clients = register_with_esia(self.folder, self.ports)
        esia = environments.setdefault("esia", {})
        esia |= {"ESIA_PEOPLE": str(self.people), "ESIA_CLIENTS": str(clients)}
        services = our_services(self.folder, self.ports, environments)
        gateway = Gateway(self.folder / "data", self.log("gateway"), self.ports)
        return {**{service.name: service for service in services}, "gateway": gateway}

    def _wait_for_start_page(self) -> None:
        deadline = time.monotonic() + 30
        while not answers_ok(f"{self.portal_url}/"):
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.portal_url}/ does not answer; look into {self.log('gateway')}.")
            time.sleep(0.1)


def _write_env(path: Path, told: Mapping[str, str]) -> None:
    write_secret(path, "".join(f"{name}='{value}'\n" for name, value in told.items()).encode())
