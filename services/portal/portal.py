"""The portal as all its pages share it: regions, templates, keys, and where the services are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import HTTPConnection

from services.portal.clients.connections import Asks
from services.portal.clients.openapi import OpenApiDocuments
from services.portal.draft import Drafts
from services.portal.form_token import FormTokens
from services.portal.regions import OpenRegions
from services.portal.rendering import Renderer


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Where the three services answer."""

    identity: str
    cards: str
    settings: str


@dataclass(frozen=True, slots=True)
class Portal:
    """Made once in `main`, kept as `app.state.portal`; `secure` marks cookies for TLS only."""

    regions: OpenRegions
    renderer: Renderer
    form_tokens: FormTokens
    drafts: Drafts
    connections: Asks
    openapi: OpenApiDocuments
    urls: ServiceUrls
    secure: bool
    now: Callable[[], datetime]


def portal_of(connection: HTTPConnection) -> Portal:
    """The portal that serves this request."""
    portal: Portal = connection.app.state.portal
    return portal
