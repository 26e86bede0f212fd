"""Settings as a process: HTTP doors, relay and listener, wired. `python -m services.settings.main`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from chassis.config import Config as ServiceConfig
from chassis.http import create_app
from chassis.roles import Role, run
from chassis.signing import jwks_router
from chassis.signing_keys import SigningKeys
from chassis.token import TokenVerifier
from eventlog.access import LogConfig
from eventlog.bus import Bus
from eventlog.process import collect_garbage_rarely, open_client
from eventlog.store import EventStore
from medonline_contracts.topics import SETTINGS_EVENTS
from services.settings.api import profile_router, sign_in_router
from services.settings.changes import Changes
from services.settings.guesses import Guesses, Limit, Limits
from services.settings.keyed_hash import KeyedHash
from services.settings.listeners import view
from services.settings.passwords import Passwords, argon2id
from services.settings.sign_in import SignIn
from services.settings.views import Profiles


class Config(ServiceConfig, LogConfig):
    """The configuration of this service.

    `identity_url` is where the keys of access tokens are published. The limits say how many passwords are tried:
    for a login from one address and from one address in all (each in 15 minutes), and for a login (in a day).
    """

    identity_url: str
    guesses_per_login_and_address: int = Limits().login_and_address.tries
    guesses_per_address: int = Limits().address.tries
    guesses_per_login: int = Limits().login.tries

    def limits(self) -> Limits:
        """The limits as the domain of guesses has them."""
        usual = Limits()
        return Limits(
            login_and_address=Limit(self.guesses_per_login_and_address, usual.login_and_address.within),
            address=Limit(self.guesses_per_address, usual.address.within),
            login=Limit(self.guesses_per_login, usual.login.within),
        )


def build(config: Config, role: Role = Role.ALL) -> FastAPI:
    """The application of this configuration; it answers at once, MongoDB and Kafka are waited for beside it.

    Only a role that answers reads the keys that sign; every role reads the one that hashes.
    """
    client = open_client(config.mongodb_uri)
    database = client.get_default_database()
    keyed_hash = KeyedHash(bytes.fromhex(config.secret("hash.key").decode()))
    store = EventStore(database, "settings")
    guesses = Guesses(database, keyed_hash, config.limits())
    bus = Bus(store, SETTINGS_EVENTS, config.kafka, works=role.works)
    profiles = Profiles(bus.project(view(keyed_hash)))
    routers, passwords = [], None
    if role.answers:
        passwords = Passwords(database, argon2id())
        signer = SigningKeys(config.secrets_dir, config.signing_keys_read_seconds)
        sign_in = SignIn(profiles, passwords, guesses, keyed_hash, signer, store.seal)
        changes = Changes(store, profiles, passwords, guesses)
        routers = [profile_router(profiles, changes, _now), sign_in_router(sign_in, _now), jwks_router(signer)]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client, bus.running(guesses):
            yield
        if passwords:
            passwords.close()

    return create_app(
        "Настройки и вход по паролю",
        routers,
        origin=config.portal_origin,
        lifespan=lifespan,
        watched=bus,
        token_verifier=TokenVerifier(config.identity_url, kept=config.keys_kept),
        role=role,
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    collect_garbage_rarely()
    run("settings", Config, build)
