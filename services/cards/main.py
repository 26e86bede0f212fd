"""The patient cards as a process: HTTP door, relay and listener, wired. `python -m services.cards.main`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from chassis.config import Config as ServiceConfig
from chassis.http import create_app
from chassis.roles import Role, run
from chassis.token import TokenVerifier
from eventlog.access import LogConfig
from eventlog.bus import Bus
from eventlog.lease import Lease
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.store import EventStore
from medonline_contracts.topics import CARDS_EVENTS, CARDS_STATE
from services.cards import fhir_api, own_card_api
from services.cards.api import CardsDesk, router
from services.cards.card_numbers import CardNumbers
from services.cards.card_places import CardPlaces
from services.cards.consents import Consents
from services.cards.erasure_timer import LOOK_SECONDS, ErasureTimer
from services.cards.erasures import OVERDUE, Erasures
from services.cards.handler import CardCommands
from services.cards.history import CardHistory
from services.cards.listeners import VIEW
from services.cards.settling import CardSettling
from services.cards.state import state_of
from services.cards.views import PATIENT_CARDS, PatientCards


class Config(ServiceConfig, LogConfig):
    """The configuration of this service; `identity_url` is where its tokens' keys are published."""

    identity_url: str


def build(config: Config, role: Role = Role.ALL) -> FastAPI:
    """The application of this configuration; it answers at once, MongoDB and Kafka are waited for beside it."""
    client = open_client(config.mongodb_uri)
    database = client.get_default_database()
    store = EventStore(database, "cards")
    bus = Bus(store, CARDS_EVENTS, config.kafka, works=role.works)
    views = bus.project(VIEW)
    bus.tell_state(views, PATIENT_CARDS, CARDS_STATE, state_of)
    cards, history = PatientCards(views), CardHistory(views)
    erasures = Erasures(database)
    numbers = CardNumbers(store.reservations, config.secret("hash.key"))
    commands = CardCommands(store, numbers, erasures, _now)
    bus.settle(CardSettling(store, numbers, CardPlaces(database), erasures).settle_stream)
    lease = Lease(database, "erasures", seconds=3 * LOOK_SECONDS)
    bus.keep_alive(ErasureTimer(erasures, commands, lease, _now))
    bus.measure("erasures", OVERDUE, lambda: erasures.overdue_seconds(_now()))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client, bus.running(erasures):
            yield

    app = create_app(
        "Карты пациента",
        [router, own_card_api.router, fhir_api.router],
        origin=config.portal_origin,
        lifespan=lifespan,
        watched=bus,
        token_verifier=TokenVerifier(config.identity_url, kept=config.keys_kept),
        role=role,
    )
    app.state.cards = CardsDesk(commands, cards, history, Consents(views), _now)
    return app


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    collect_garbage_rarely()
    run("cards", Config, build)
