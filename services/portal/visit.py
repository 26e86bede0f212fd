"""A visit: one request for a page, with who makes it and what the portal may ask the services on their behalf."""

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chassis.local_path import with_query
from chassis.problem import Problem
from chassis.token import AccessToken, MaybeSignedIn
from services.portal.clients.cards import CardsClient
from services.portal.clients.http import OnBehalf
from services.portal.clients.identity import IdentityClient
from services.portal.clients.settings import SettingsClient
from services.portal.cookies import REGION, read_cookie, set_cookie
from services.portal.draft import Draft
from services.portal.notices import NOTICES
from services.portal.portal import portal_of
from services.portal.regions import OpenRegion
from services.portal.text import short_name

YEAR_SECONDS = 365 * 24 * 3600
NAMELESS = "Меню"
CONSENT_DUE = "/consent"

R = TypeVar("R", bound=Response)


class Elsewhere(Exception):
    """This page is not for now: the person goes to `path` first; `draft` is kept for them in a cookie."""

    def __init__(self, path: str, draft: str | None = None) -> None:
        super().__init__(path)
        self.path = path
        self.draft = draft


class Visit:
    """What pages work with. `token` is null for a stranger, `region` until one was chosen, `typed` without a form."""

    def __init__(self, request: Request, token: AccessToken | None) -> None:
        self.request = request
        self.portal = portal_of(request)
        self.token = token
        chosen = read_cookie(request, REGION, self.portal.secure)
        self.region: OpenRegion | None = self.portal.regions.get(chosen or "")
        self.menu_name = NAMELESS
        self.typed: Draft | None = None
        person, ask, urls = OnBehalf.of(request, self.portal.secure), self.portal.connections, self.portal.urls
        self.identity = IdentityClient(ask, urls.identity, person)
        self.cards = CardsClient(ask, urls.cards, person)
        self.settings = SettingsClient(ask, urls.settings, person)
        request.state.visit = self  # an error page, made outside the route, keeps the same header

    @property
    def here(self) -> str:
        """The address of this page, within the portal."""
        return _address(self.request)

    @property
    def form_token(self) -> str:
        """For the forms on this person's pages; empty for a stranger."""
        return self.portal.form_tokens.issue(self.token.account_id, self.portal.now()) if self.token else ""

    async def learn_name(self) -> None:
        """Ask how the menu is to address the person; it does without where settings is silent."""
        if self.token is None or self.token.consent_due or self.menu_name != NAMELESS:
            return
        version = self.request.query_params.get("account_version")
        try:
            self.menu_name = short_name(*await self.settings.name(version)) or NAMELESS
        except Problem:
            self.menu_name = NAMELESS

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """The page, with the header that this person sees."""
        notice = NOTICES.get(self.request.query_params.get("notice", ""))
        return self._passing_cookies(
            self.portal.renderer.page(template, status, visit=self, **{"notice": notice, **context})
        )

    def redirect(self, location: str) -> RedirectResponse:
        """Go there with GET (303), so that reloading what comes next sends nothing twice."""
        return self._passing_cookies(RedirectResponse(location, 303))

    def remember_region(self, response: Response, region: OpenRegion) -> None:
        """Keep the choice for a year."""
        set_cookie(response, REGION, region.code, YEAR_SECONDS, self.portal.secure)

    def _passing_cookies(self, response: R) -> R:
        for cookie in self.identity.cookies:
            response.raw_headers.append((b"set-cookie", cookie.encode("latin-1")))
        return response


class PersonalVisit(Visit):
    """The visit of a signed-in person whose consent is up to date."""

    token: AccessToken


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def personal_visit(request: Request, token: AccessToken | None) -> PersonalVisit:
    """The visit of someone signed in; others are sent to sign in, or to the new consent, and then back here."""
    here = _address(request)
    if token is None:
        raise Elsewhere(with_query("/sign-in", return_to=here))
    if token.consent_due and request.url.path != CONSENT_DUE:
        raise Elsewhere(with_query(CONSENT_DUE, return_to=here))
    return PersonalVisit(request, token)


async def _any_visit(request: Request, token: MaybeSignedIn) -> Visit:
    visit = Visit(request, token)
    await visit.learn_name()
    return visit


async def _bare_visit(request: Request, token: MaybeSignedIn) -> Visit:
    return Visit(request, token)


async def _bare_personal_visit(request: Request, token: MaybeSignedIn) -> PersonalVisit:
    return personal_visit(request, token)


async def _personal_visit(request: Request, token: MaybeSignedIn) -> PersonalVisit:
    visit = personal_visit(request, token)
    await visit.learn_name()
    return visit


AnyVisit = Annotated[Visit, Depends(_any_visit)]
"""Anyone's visit, with the name of who is signed in: for pages."""
BareVisit = Annotated[Visit, Depends(_bare_visit)]
"""Anyone's visit without asking for the name: for what ends in a redirect."""
Personal = Annotated[PersonalVisit, Depends(_personal_visit)]
"""A signed-in person's visit, with their name: for pages."""
BarePersonal = Annotated[PersonalVisit, Depends(_bare_personal_visit)]
"""A signed-in person's visit without asking for the name: the page has it, or there is none."""
