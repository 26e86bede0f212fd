"""Identity as a running service, and the browsers that come to it the way the portal and the gateway bring them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import Signer
from eventlog.documents import document_of, envelope_of, record_of
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import SETTINGS_EVENTS
from services.identity.main import Config
from tests.identity.gosuslugi import Gosuslugi

AGENT = "Mozilla/5.0 (a test)"
ADDRESS = "203.0.113.7"


class Browser:
    """One browser with its cookies."""

    def __init__(self, app: FastAPI, gosuslugi: Gosuslugi) -> None:
        headers = {"user-agent": AGENT, "x-client-address": ADDRESS}
        transport = httpx.ASGITransport(app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://identity.test", headers=headers)
        self._gosuslugi = gosuslugi

    async def begin(self, purpose: str = "registration", **body: object) -> str:
        """Begin an attempt, for registration with the consent to the current text; its id."""
        text = (await self.http.get("/api/identity/consents/current")).json()
        consent = {name: text[name] for name in ("id", "version", "sha256")}
        wanted = {"purpose": purpose, "region": "RU-STA", **({"consent": consent} if purpose == "registration" else {})}
        answer = await self.http.post("/api/identity/attempts", json=wanted | body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["attempt_id"])

    async def authorization_url(self, attempt_id: str) -> str:
        """Where identity sends this browser."""
        answer = await self.http.post(f"/api/identity/attempts/{attempt_id}/authorization")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["authorization_url"])

    async def at_gosuslugi(self, attempt_id: str, oid: int) -> dict[str, str]:
        """The person signs in there; what identity is told."""
        said = await self._gosuslugi.sign_in(await self.authorization_url(attempt_id), oid)
        assert said.pop("state") == attempt_id
        return said

    async def complete(self, attempt_id: str, said: dict[str, str]) -> httpx.Response:
        """Hand over what Gosuslugi sent back."""
        return await self.http.post(f"/api/identity/attempts/{attempt_id}/completion", json=said)

    async def come_in(self, oid: int, purpose: str = "registration") -> httpx.Response:
        """The whole way."""
        attempt_id = await self.begin(purpose)
        return await self.complete(attempt_id, await self.at_gosuslugi(attempt_id, oid))

    async def register(self, oid: int) -> dict[str, Any]:
        """The whole way, as it ends well."""
        answer = await self.come_in(oid)
        assert answer.status_code == 200, answer.text
        completed: dict[str, Any] = answer.json()
        return completed

    async def session(self) -> httpx.Response:
        """Who is signed in here."""
        return await self.http.get("/api/identity/session")

    async def signed_in(self) -> bool:
        """Whether anybody is."""
        return (await self.session()).status_code == 200


@dataclass(frozen=True, slots=True)
class World:
    """The service, its database, and everybody around it; `settings_key` signs grants as settings does."""

    app: FastAPI
    config: Config
    database: AsyncDatabase[Document]
    gosuslugi: Gosuslugi
    settings_key: Signer
    producer: AIOKafkaProducer

    def browser(self) -> Browser:
        """A browser that has never been here."""
        return Browser(self.app, self.gosuslugi)

    async def log(self, account_id: str) -> list[Envelope[Event]]:
        """The account's stream."""
        found = self.database["events"].find({"stream_id": account_id}).sort("version", 1)
        return [envelope_of(document) async for document in found]

    async def everything(self) -> dict[str, int]:
        """How many documents there are of what may not grow without reason."""
        names = ("events", "reservations", "accounts", "sessions", "attempts")
        return {name: await self.database[name].count_documents({}) for name in names}

    def grant(self, account_id: str, credential_version: int = 1, **claims: object) -> str:
        """A grant as settings gives it."""
        now = int(datetime.now(UTC).timestamp())
        usual = {"iss": "settings", "aud": "identity", "sub": account_id, "jti": str(uuid4()), "exp": now + 30}
        return self.settings_key.sign({**usual, "credential_version": credential_version, **claims})

    async def password_set(self, account_id: str, version: int, kept_session: str) -> None:
        """Settings tells that a password was set; `version` is that of the password and of the stream alike."""
        event = PasswordSet(account_id=account_id, credential_version=version, kept_session=kept_session)
        now = datetime.now(UTC)
        told = Envelope(str(uuid4()), "/medonline/settings", account_id, version, now, Origin("a test"), event)
        await self.producer.send_and_wait(SETTINGS_EVENTS.name, **record_of(document_of(told)))


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer, which is a problem with a sentence in Russian."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.search("[а-я]", body["detail"])
    return answer.status_code, body["type"].removeprefix("/problems/")
