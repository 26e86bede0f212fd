"""The portal as a process: configuration and wiring. `python -m services.portal.main`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

from chassis.config import BrowserUrl
from chassis.config import Config as ServiceConfig
from chassis.health import Stateless
from chassis.http import create_app
from chassis.roles import Role, run
from chassis.token import TokenVerifier
from services.portal.clients.connections import Connections
from services.portal.clients.openapi import OpenApiDocuments
from services.portal.draft import Drafts
from services.portal.errors import add_error_pages
from services.portal.form_token import FormTokens
from services.portal.pages import (
    card_editing,
    card_removal,
    cards,
    consents,
    documents,
    esia_callback,
    help,
    own_card,
    region,
    registration,
    services,
    settings,
    sign_in,
    unknown,
)
from services.portal.portal import Portal, ServiceUrls
from services.portal.regions import OpenRegions
from services.portal.rendering import Renderer, page_headers, static_router

PAGES = (
    region,
    registration,
    esia_callback,
    sign_in,
    consents,
    card_editing,
    card_removal,
    own_card,
    cards,
    services,
    settings,
    help,
    documents,
)


class Config(ServiceConfig):
    """The configuration of the portal; `esia_url` is where browsers are sent to sign in."""

    identity_url: str
    cards_url: str
    settings_url: str
    esia_url: BrowserUrl
    regions_file: Path


def build(config: Config) -> FastAPI:
    """The application of this configuration; it needs no service to start."""
    form_key = bytes.fromhex(config.secret("form.key").decode())
    connections = Connections()
    renderer = Renderer()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with connections:
            yield

    async def identity_answers() -> bool:
        return (await connections.ask("GET", f"{config.identity_url}/health/live", seconds=1)).is_success

    app = create_app(
        "Портал",
        [static_router(renderer), *(page.router for page in PAGES), unknown.router],
        origin=config.portal_origin,
        lifespan=lifespan,
        watched=Stateless({"identity": identity_answers}),
        token_verifier=TokenVerifier(config.identity_url, kept=config.keys_kept),
    )
    esia = urlsplit(config.esia_url)
    add_error_pages(app, page_headers(f"{esia.scheme}://{esia.netloc}", config.secure))
    app.state.portal = Portal(
        regions=OpenRegions.load(config.regions_file),
        renderer=renderer,
        form_tokens=FormTokens(form_key),
        drafts=Drafts(form_key),
        connections=connections,
        openapi=OpenApiDocuments(_now),
        urls=ServiceUrls(config.identity_url, config.cards_url, config.settings_url),
        secure=config.secure,
        now=_now,
    )
    return app


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    run("portal", Config, lambda config, role: build(config), [Role.ALL, Role.HTTP])
