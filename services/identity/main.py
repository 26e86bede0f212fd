"""Identity as a process: HTTP door, relay and listener, wired. `python -m services.identity.main`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI

from chassis.config import BrowserUrl
from chassis.config import Config as ServiceConfig
from chassis.http import create_app
from chassis.roles import Role, run
from chassis.signing import jwks_router
from chassis.signing_keys import SigningKeys
from chassis.token import TokenVerifier
from eventlog.access import LogConfig
from eventlog.bus import Bus
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.reactor import Reactor
from eventlog.store import EventStore
from medonline_contracts.topics import IDENTITY_EVENTS
from services.identity.accounts import Accounts
from services.identity.api import OPEN_PATHS, ROUTERS
from services.identity.api.desk import IdentityDesk
from services.identity.api.problems import add_refusal_handler
from services.identity.attempt_limit import AttemptLimit
from services.identity.attempts import Attempts
from services.identity.consent_texts import ConsentTexts
from services.identity.esia.client_secret import EsiaClient
from services.identity.esia.direct import DirectEsia, esia_client
from services.identity.esia.id_token import IdTokenVerifier
from services.identity.esia_sign_in import EsiaSignIn
from services.identity.listeners import PASSWORD_REACTOR, PasswordReaction, listen
from services.identity.password_sign_in import AUDIENCE, PasswordSignIn
from services.identity.password_sign_in import ISSUER as SETTINGS
from services.identity.sessions import Sessions
from services.identity.settling import AccountSettling


class Config(ServiceConfig, LogConfig):
    """The configuration of this service.

    `esia_url` is where both the browser and this service find ЕСИА, `esia_issuer` what its tokens say; `consents_dir`
    holds the consent texts, `attempts_per_address` is how many attempts may be begun from one address in ten minutes:
    five times as often the way to Gosuslugi is signed for it.
    """

    esia_url: BrowserUrl
    esia_client_id: str
    esia_issuer: str = "http://esia.gosuslugi.ru/"
    settings_url: str
    minimum_age: int = 15
    attempts_per_address: int = 60
    consents_dir: Path = Path(__file__).parent / "consents"


def build(config: Config, role: Role = Role.ALL) -> FastAPI:
    """The application of this configuration; it answers at once, MongoDB and Kafka are waited for beside it.

    Only a role that answers reads the keys that sign and ЕСИА's; every role reads the one that hashes.
    """
    client = open_client(config.mongodb_uri)
    database = client.get_default_database()
    http = esia_client()
    store = EventStore(database, "identity")
    kept = _kept(config, store)
    reactor = Reactor(store, PASSWORD_REACTOR, PasswordReaction(kept.accounts, kept.sessions).react)
    bus = Bus(store, IDENTITY_EVENTS, config.kafka, works=role.works)
    listen(bus, reactor)
    settling = AccountSettling(store, kept.accounts, kept.sessions, kept.attempts)
    bus.settle(settling.settle_stream, settling.forget)
    desk = _desk(config, kept, http) if role.answers else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        prepared = (kept.attempts, kept.attempt_limit, kept.sessions, kept.password_sign_in, reactor)
        async with client, http, bus.running(*prepared):
            yield

    app = create_app(
        "Вход на портал",
        [*ROUTERS, jwks_router(desk.signer)] if desk else [],
        origin=config.portal_origin,
        lifespan=lifespan,
        watched=bus,
        token_verifier=TokenVerifier(config.own_url, kept=config.keys_kept),
        role=role,
        open_paths=OPEN_PATHS,
    )
    add_refusal_handler(app, config.minimum_age)
    app.state.identity = desk
    return app


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stands in MongoDB: every role has it, if only to prepare it."""

    texts: ConsentTexts
    accounts: Accounts
    attempts: Attempts
    attempt_limit: AttemptLimit
    sessions: Sessions
    password_sign_in: PasswordSignIn


def _kept(config: Config, store: EventStore) -> _Kept:
    texts, hash_key = ConsentTexts.read(config.consents_dir), config.secret("hash.key")
    accounts, sessions = Accounts(store, hash_key), Sessions(store.database)
    grants = TokenVerifier(config.settings_url, SETTINGS, AUDIENCE, kept=config.keys_kept)
    return _Kept(
        texts,
        accounts,
        Attempts(store.database),
        AttemptLimit(store.database, hash_key, config.attempts_per_address),
        sessions,
        PasswordSignIn(store.database, accounts, sessions, texts, grants, _now),
    )


def _desk(config: Config, kept: _Kept, http: httpx.AsyncClient) -> IdentityDesk:
    esia = _esia(config, http)
    return IdentityDesk(
        texts=kept.texts,
        accounts=kept.accounts,
        attempts=kept.attempts,
        attempt_limit=kept.attempt_limit,
        sessions=kept.sessions,
        esia=esia,
        esia_sign_in=EsiaSignIn(
            esia,
            kept.accounts,
            kept.attempts,
            kept.sessions,
            kept.texts,
            session_key=config.secret("session.key"),
            minimum_age=config.minimum_age,
            clock=_now,
        ),
        password_sign_in=kept.password_sign_in,
        signer=SigningKeys(config.secrets_dir, config.signing_keys_read_seconds),
        portal_origin=config.portal_origin,
        clock=_now,
    )


def _esia(config: Config, http: httpx.AsyncClient) -> DirectEsia:
    verifier = IdTokenVerifier.load(config.secrets_dir / "esia-pins", config.esia_issuer, config.esia_client_id)
    client = EsiaClient.load(config.esia_client_id, config.secrets_dir)
    return DirectEsia(http, config.esia_url, client, f"{config.portal_origin}/esia/callback", verifier)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    collect_garbage_rarely()
    run("identity", Config, build)
