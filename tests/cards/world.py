"""The service's surroundings in a test: identity's keys over HTTP, signed-in people, Gosuslugi's word on the bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase

from chassis.signing import SigningKey, jwks_router
from chassis.token import HEADER, ISSUER
from eventlog.documents import document_of, record_of
from eventlog.store import Document
from medonline_contracts.envelope import Event
from medonline_contracts.topics import IDENTITY_EVENTS
from tests.cards.people import recorded
from tests.serving import served


@asynccontextmanager
async def identity_at(key: SigningKey) -> AsyncIterator[str]:
    """The address of an identity that publishes this key."""
    app = FastAPI()
    app.include_router(jwks_router(key))
    async with served(app) as url:
        yield url


def token_of(key: SigningKey, account_id: str) -> str:
    """What identity says of somebody who has just signed in through Gosuslugi; good for a minute."""
    now = datetime.now(UTC)
    claims = {"iss": ISSUER, "sub": account_id, "sid": str(uuid4()), "amr": ["esia"], "consent_due": False, "iat": now}
    return key.sign({**claims, "auth_time": int(now.timestamp()), "exp": now + timedelta(minutes=1)})


@dataclass(frozen=True, slots=True)
class Holder:
    """A signed-in person: their account and an HTTP client that carries their token."""

    account_id: str
    http: httpx.AsyncClient


class World:
    """The running service and what a test does around it."""

    def __init__(
        self, app: FastAPI, key: SigningKey, producer: AIOKafkaProducer, database: AsyncDatabase[Document]
    ) -> None:
        self.app = app
        self.database = database
        self._key = key
        self._producer = producer

    def stranger(self) -> httpx.AsyncClient:
        """A client that nobody signed in with."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://cards")

    def signed_in(self) -> Holder:
        """A new account that Gosuslugi has said nothing of yet."""
        account_id = str(uuid4())
        http = self.stranger()
        http.headers[HEADER] = token_of(self._key, account_id)
        return Holder(account_id, http)

    async def publish(self, stream_id: str, version: int, event: Event) -> None:
        """Put an event of identity on the bus."""
        record = record_of(document_of(recorded(stream_id, version, event)))
        await self._producer.send_and_wait(IDENTITY_EVENTS.name, **record)
