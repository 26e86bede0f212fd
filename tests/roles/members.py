"""The services as processes of one role each, as a cluster runs them, and the browsers that come to them."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pymongo.asynchronous.database import AsyncDatabase

from chassis.token import HEADER
from deploy.local.gateway import answers_ok
from deploy.local.ports import some_free
from deploy.local.processes import Process
from eventlog.store import Document
from tests.identity.gosuslugi import Gosuslugi
from tests.identity.world import ADDRESS, AGENT, Browser


class Member(Process):
    """A service's process in this role; it listens everywhere, as in a container."""

    def __init__(self, service: str, role: str, folder: Path, environment: Mapping[str, str]) -> None:
        (port,) = some_free(1)
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", f"services.{service}.main", role]
        listening = {"HTTP_HOST": "0.0.0.0", "HTTP_PORT": str(port)}
        super().__init__(f"{service}-{role}", folder / f"{service}-{role}.log", command, {**environment, **listening})

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/health/ready")

    def ended_with(self, seconds: float = 120) -> int:
        """Its exit code, once it has ended by itself or was told to."""
        assert self._running
        return self._running.wait(seconds)

    async def probes(self) -> dict[str, int]:
        """What a kubelet would hear."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            return {probe: (await http.get(f"/health/{probe}")).status_code for probe in ("started", "ready", "live")}

    async def metrics(self) -> str:
        """What Prometheus would."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            return (await http.get("/metrics")).text


class DistantBrowser(Browser):
    """A browser before an identity of another process."""

    def __init__(self, url: str, gosuslugi: Gosuslugi) -> None:
        headers = {"user-agent": AGENT, "x-client-address": ADDRESS}
        self.http = httpx.AsyncClient(base_url=url, headers=headers)
        self._gosuslugi = gosuslugi

    async def token(self) -> str:
        """What the gateway gets for the services behind it."""
        return (await self.http.get("/authz/required/api/cards")).headers[HEADER]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Identity and the cards, each as a process that answers and one that works, and what they stand on."""

    members: Mapping[str, Member]
    databases: Mapping[str, AsyncDatabase[Document]]
    gosuslugi: Gosuslugi

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[DistantBrowser]:
        """One that has never been here."""
        browser = DistantBrowser(self["identity-http"].url, self.gosuslugi)
        async with browser.http:
            yield browser

    async def indexes(self) -> dict[str, dict[str, object]]:
        """All collections of all services that have more than the index which MongoDB makes, with theirs."""
        found = {}
        for service, database in self.databases.items():
            for name in await database.list_collection_names():
                indexes = await database[name].index_information()
                if len(indexes) > 1:
                    found[f"{service}.{name}"] = dict(indexes)
        return found
