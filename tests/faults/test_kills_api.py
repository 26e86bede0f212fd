"""A service killed between append and answer: what it could not say is in the log once, and can be asked again."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import AsyncMongoClient

from chassis.signing import SigningKey
from chassis.token import HEADER
from deploy.local.ports import free_ports
from deploy.local.services import Service
from eventlog.store import Document, EventStore
from medonline_contracts.topics import CARDS_EVENTS
from services.cards.commands import added_card_id
from tests.cards.asking import CHILD
from tests.cards.world import Holder, identity_at, token_of
from tests.eventlog.conftest import until
from tests.servers import RealServers, forget
from tests.topics import begin_log_here


class Struck(Service):
    """The cards' service on a database of its own; it can be ordered to die at its next append."""

    def __init__(self, folder: Path, servers: RealServers, database: str, identity_url: str) -> None:
        self.order = folder / "die"
        (folder / "hash.key").write_text(secrets.token_hex(32))
        environment = {
            "FAULT_ORDER": str(self.order),
            "PORTAL_ORIGIN": "http://localhost:8080",
            "SECRETS_DIR": str(folder),
            "IDENTITY_URL": identity_url,
            "MONGODB_URI": servers.database_uri(database),
            "KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap_servers,
        }
        port = free_ports().cards
        super().__init__("cards", folder / "cards.log", port, environment, module="tests.faults.struck_cards")

    async def bring_up(self) -> None:
        """Again, too; returns when it is ready."""
        self.kill()
        await asyncio.to_thread(self.start)
        await asyncio.to_thread(self.wait)


@pytest.fixture
async def database(client: AsyncMongoClient[Document]) -> AsyncIterator[str]:
    name = f"faults_{uuid4().hex[:16]}"
    yield name
    await forget(client, name)


async def ask(holder: Holder, what: str, request_id: UUID) -> httpx.Response:
    """The command, the same again and again."""
    if what == "add":
        return await holder.http.post("/api/cards", json={**CHILD, "request_id": str(request_id)})
    address = f"/api/cards/{added_card_id(holder.account_id, request_id)}"
    if what == "correct":
        return await holder.http.put(address, json={**CHILD, "given_name": "Мария", "expected_version": 1})
    return await holder.http.delete(address, params={"expected_version": 1})


@pytest.mark.parametrize(
    ("what", "events"),
    [("add", 1), pytest.param("correct", 2, marks=pytest.mark.long), pytest.param("remove", 2, marks=pytest.mark.long)],
)
async def test_what_was_appended_and_never_answered_took_effect_once(
    servers: RealServers, client: AsyncMongoClient[Document], database: str, tmp_path: Path, what: str, events: int
) -> None:
    key, account_id, request_id = SigningKey(Ed25519PrivateKey.generate()), str(uuid4()), uuid4()
    async with identity_at(key) as identity_url:
        service = Struck(tmp_path, servers, database, identity_url)
        try:
            await begin_log_here(client[database], servers.kafka, CARDS_EVENTS)
            await service.bring_up()
            async with httpx.AsyncClient(base_url=service.url, timeout=30) as http:
                http.headers[HEADER] = token_of(key, account_id)
                holder = Holder(account_id, http)
                if what != "add":
                    await ask(holder, "add", request_id)
                service.order.touch()
                with pytest.raises(httpx.TransportError):
                    await ask(holder, what, request_id)
                await service.bring_up()
                http.headers[HEADER] = token_of(key, account_id)

                again = await ask(holder, what, request_id)

                assert again.is_success or again.json()["type"] == "/problems/card-changed", again.text
                card_id = added_card_id(account_id, request_id)
                log = await EventStore(client[database], "cards").read(card_id)
                assert [envelope.version for envelope in log] == list(range(1, events + 1))
                assert await client[database]["events"].count_documents({}) == events

                async def is_in_the_view() -> bool:
                    card = await http.get(f"/api/cards/{card_id}", params={"version": events})
                    if what == "remove":
                        return card.status_code == 409
                    name = "Мария" if what == "correct" else CHILD["given_name"]
                    return card.is_success and bool(card.json()["stated"]["given_name"] == name)

                await until(is_in_the_view, seconds=30)
        finally:
            service.kill()
