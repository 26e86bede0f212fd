"""The service's surroundings in a test: people with and without a session, Gosuslugi's word put on the bus by hand."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import SigningKey
from chassis.token import FRESH_FOR, HEADER, ISSUER
from eventlog.documents import document_of, record_of
from eventlog.store import Document
from medonline_contracts.envelope import Event
from medonline_contracts.person import EsiaPerson
from medonline_contracts.topics import IDENTITY_EVENTS
from tests.settings.people import authenticated, esia_person, recorded

PROFILE = "/api/settings/profile"
SIGN_INS = "/api/settings/sign-ins"
NOT_FRESH = FRESH_FOR + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Account:
    """A registered person, with an HTTP client that carries the token of the session `session_id`."""

    account_id: str
    session_id: str
    person: EsiaPerson
    http: httpx.AsyncClient

    async def profile(self, **versions: int) -> dict[str, Any]:
        """The settings, as far as these versions have come."""
        answer = await self.http.get(PROFILE, params=versions)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def shown_at(self, **versions: int) -> dict[str, Any]:
        """The settings once these versions have come, which may take longer than the two seconds of one call."""
        async with asyncio.timeout(30):
            while not (body := await self.profile(**versions))["complete"]:
                pass
        return body

    async def save(self, **changes: Any) -> httpx.Response:
        """The form as it is shown, with these changes, sent off."""
        shown = await self.profile()
        fields = {name: shown[name] for name in ("family_name", "given_name", "phone", "email")}
        return await self.http.put(PROFILE, json={**fields, "expected_version": shown["version"], **changes})

    async def set_password(self, password: str, **proof: str) -> int:
        """The credential version, once the view knows of it."""
        answer = await self.save(password=password, password_repeat=password, **proof)
        assert answer.status_code == 200, answer.text
        await self.shown_at(version=answer.json()["version"])
        return int(answer.json()["credential_version"])


class World:
    """The running service and what a test does around it."""

    def __init__(
        self, app: FastAPI, key: SigningKey, producer: AIOKafkaProducer, database: AsyncDatabase[Document]
    ) -> None:
        self.app = app
        self.database = database
        self._key = key
        self._producer = producer

    def stranger(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A client that nobody signed in with, at this address as the gateway sees it."""
        headers = {"x-client-address": address}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://settings", headers=headers)

    async def guess(self, login: str, password: str, address: str = "192.0.2.1") -> httpx.Response:
        """One try at signing in."""
        body = json.dumps({"login": login, "password": password})  # ASCII, so that it can hold half a character
        return await self.stranger(address).post(SIGN_INS, content=body, headers={"content-type": "application/json"})

    async def registered(self, **person: Any) -> Account:
        """A new account, freshly signed in by Gosuslugi, that the service knows of."""
        account = self.in_another_session(Account(str(uuid4()), "", esia_person(**person), self.stranger()))
        await self.publish(account.account_id, 2, authenticated(account.account_id, account.person))
        await account.shown_at(account_version=2)
        return account

    def in_another_session(
        self, account: Account, amr: str = "esia", age: timedelta = timedelta(0), address: str = "192.0.2.1"
    ) -> Account:
        """The same person in another session, opened like this so long ago."""
        session_id, now = str(uuid4()), datetime.now(UTC)
        claims: dict[str, object] = {"iss": ISSUER, "sub": account.account_id, "sid": session_id, "amr": [amr]}
        claims["consent_due"] = False
        token = self._key.sign({**claims, "auth_time": int((now - age).timestamp()), "exp": now + timedelta(minutes=1)})
        http = self.stranger(address)
        http.headers[HEADER] = token
        return Account(account.account_id, session_id, account.person, http)

    async def publish(self, stream_id: str, version: int, event: Event) -> None:
        """Put an event of identity on the bus."""
        record = record_of(document_of(recorded(stream_id, version, event)))
        await self._producer.send_and_wait(IDENTITY_EVENTS.name, **record)
