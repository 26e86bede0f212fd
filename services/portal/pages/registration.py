"""Pages of registration: the consent, «Регистрация на портале», and the way to Gosuslugi.

Each step leads to the next; an address that skips one leads back to the first that is missing.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from services.portal.cookies import ASKED_FOR, REGISTRATION, set_cookie
from services.portal.forms import fields_of
from services.portal.text import read_plain_text
from services.portal.visit import AnyVisit, BareVisit, Elsewhere, Visit

router = APIRouter(include_in_schema=False)

CONSENT = "/registration/consent"
ATTEMPT_SECONDS = 15 * 60
EVIDENCE = ("id", "version", "sha256")


@router.get(CONSENT)
async def consent(visit: AnyVisit) -> Response:
    """The text as it stands now."""
    _expect_newcomer(visit)
    text = await visit.identity.current_consent()
    return visit.page("consent.html", consent=text, document=read_plain_text(text.text))


@router.post(CONSENT)
async def agree(request: Request, visit: BareVisit) -> Response:
    """«Да, я согласен»: remember what was agreed to, and go on."""
    region = _expect_newcomer(visit)
    fields = await fields_of(request)
    agreed = {name: fields.get(name, "") for name in EVIDENCE}
    try:
        attempt_id = await visit.identity.start("registration", region, consent=agreed)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return visit.redirect(with_query(CONSENT, notice="consent-changed"))
    return visit.redirect(with_query("/registration", attempt=attempt_id))


@router.post("/registration/refusal")
async def refuse(visit: BareVisit) -> Response:
    """«Нет, я отказываюсь»: nothing stays of what was begun."""
    await visit.identity.forget_attempts()
    return visit.redirect(with_query("/", notice="registration-stopped"))


@router.get("/registration/refusal")
async def refusal_skipped() -> Response:
    """Only the button refuses."""
    raise Elsewhere(CONSENT)


@router.get("/registration")
async def register(visit: AnyVisit, attempt: str = "") -> Response:
    """«Регистрация на портале»: by Gosuslugi."""
    _expect_newcomer(visit)
    return visit.page("registration.html", attempt=_begun(attempt))


@router.post("/registration/esia")
async def to_esia_by_button(request: Request, visit: BareVisit) -> Response:
    """The button «госуслуги»."""
    return await _to_esia(visit, (await fields_of(request)).get("attempt", ""))


@router.get("/registration/esia")
async def to_esia_by_link(visit: BareVisit, attempt: str = "") -> Response:
    """The link beside the button."""
    return await _to_esia(visit, attempt)


async def _to_esia(visit: Visit, attempt: str) -> Response:
    _expect_newcomer(visit)
    try:
        response = visit.redirect(await visit.identity.authorization_url(_begun(attempt)))
    except Problem as problem:
        if problem.status not in (404, 409):
            raise
        return visit.redirect(with_query(CONSENT, notice="attempt-over"))
    set_cookie(response, ASKED_FOR, REGISTRATION, ATTEMPT_SECONDS, visit.portal.secure)
    return response


def _expect_newcomer(visit: Visit) -> str:
    """The region's code, of someone who is not signed in and has chosen one; others go elsewhere."""
    if visit.token is not None:
        raise Elsewhere("/cards")
    if visit.region is None:
        raise Elsewhere(with_query("/regions", notice="choose-region", return_to=visit.here))
    return visit.region.code


def _begun(attempt: str) -> str:
    try:
        return str(UUID(attempt))
    except ValueError:
        raise Elsewhere(CONSENT) from None
