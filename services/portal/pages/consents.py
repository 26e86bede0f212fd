"""Consents outside registration: every version at its own link, and a new text that is asked for after signing in."""

from fastapi import APIRouter, Response

from chassis.local_path import local_path_or, with_query
from chassis.problem import Problem
from services.portal.forms import Submitted
from services.portal.text import read_plain_text
from services.portal.visit import CONSENT_DUE, AnyVisit, Elsewhere, Personal

router = APIRouter(include_in_schema=False)

LANDING = "/cards"


@router.get("/consents/{consent_id}/{version}")
async def published(visit: AnyVisit, consent_id: str, version: int) -> Response:
    """The text as it stood in that version."""
    text = await visit.identity.consent(consent_id, version)
    return visit.page("consent_text.html", consent=text, document=read_plain_text(text.text))


@router.get("/consents")
async def current(visit: AnyVisit) -> Response:
    """The text as it stands now, at its own link."""
    text = await visit.identity.current_consent()
    raise Elsewhere(f"/consents/{text.id}/{text.version}")


@router.get(CONSENT_DUE)
async def due(visit: Personal, return_to: str = "") -> Response:
    """The new text; «Нет» signs out."""
    back = local_path_or(return_to, LANDING)
    if not visit.token.consent_due:
        raise Elsewhere(back)
    text = await visit.identity.current_consent()
    return visit.page("consent_due.html", consent=text, document=read_plain_text(text.text), return_to=back)


@router.post(CONSENT_DUE)
async def agree(submitted: Submitted) -> Response:
    """«Да, я согласен»: kept, and on to where the person was going."""
    visit, fields = submitted.visit, submitted.fields
    back = local_path_or(fields.get("return_to"), LANDING)
    agreed = {name: fields.get(name, "") for name in ("id", "version", "sha256")}
    try:
        await visit.identity.give_consent(agreed, visit.region.code if visit.region else None)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return visit.redirect(with_query(CONSENT_DUE, return_to=back, notice="consent-changed"))
    return visit.redirect(back)
