"""The patient cards as a process: HTTP door, relay and listener, wired. `python -m services.cards.main`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from chassis.config import LogConfig
from chassis.http import create_app, serve
from chassis.logs import set_up_logs
from chassis.token import TokenVerifier
from eventlog.lease import Lease
from eventlog.listener import broker_of, run_listeners
from eventlog.parking import Parking
from eventlog.process import background, once_available, open_client
from eventlog.relay import Relay, producer_of
from eventlog.store import EventStore
from medonline_contracts.topics import CARDS_EVENTS
from services.cards.api import CardsDesk, router
from services.cards.commands import CardCommands
from services.cards.history import CardHistory
from services.cards.listeners import VIEW_GROUP, listen
from services.cards.views import PatientCards


class Config(LogConfig):
    """The configuration of this service; `identity_url` is where its tokens' keys are published."""

    identity_url: str


def build(config: Config) -> FastAPI:
    """The application of this configuration; it answers at once, MongoDB and Kafka are waited for beside it."""
    client = open_client(config.mongodb_uri)
    database = client.get_default_database()
    store, cards, history = EventStore(database, "cards"), PatientCards(database), CardHistory(database)
    parking, broker = Parking(database, VIEW_GROUP), broker_of(config.kafka_bootstrap_servers)
    listen(broker, database, parking)

    async def prepare() -> None:
        for part in (store, cards, history, parking):
            await part.prepare()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client, background(_work(prepare, _relay(config, store), broker)):
            yield

    async def mongodb() -> bool:
        return bool(await database.command("ping"))

    async def kafka() -> bool:
        return broker.running

    app = create_app(
        "Карты пациента",
        [router],
        origin=config.portal_origin,
        lifespan=lifespan,
        checks={"mongodb": mongodb, "kafka": kafka},
        token_verifier=TokenVerifier(config.identity_url),
    )
    app.state.cards = CardsDesk(CardCommands(store, _now), cards, history, _now)
    return app


def _relay(config: Config, store: EventStore) -> Relay:
    lease = Lease(store.database, f"relay.{CARDS_EVENTS.name}")
    return Relay(store, CARDS_EVENTS, lease, lambda: producer_of(config.kafka_bootstrap_servers, CARDS_EVENTS))


async def _work(prepare: Callable[[], Awaitable[None]], relay: Relay, broker: KafkaBroker) -> None:
    await once_available(prepare)
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        group.create_task(run_listeners(broker))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    read = Config()
    set_up_logs("cards", read.log_level)
    serve(build(read), read.http_host, read.http_port)
