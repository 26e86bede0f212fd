"""Identity, the HTTP door: the gateway's question before every request (Envoy's `ext_authz`): who is this?

The path asked for stands behind `/authz/required` or `/authz/optional`. An answer of 200 lets the request through, with
the token that the services believe; every other answer goes to the browser. Without MongoDB nobody gets through.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from chassis.problem import Problem
from chassis.token import HEADER, consent_required
from services.identity.api.access import signed
from services.identity.api.desk import Desk, find_session
from services.identity.sessions import Session

router = APIRouter(include_in_schema=False)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
NEEDS_CONSENT = ("/api/cards", "/api/settings")

MaybeSession = Annotated[Session | None, Depends(find_session)]


@router.api_route("/authz/required/{path:path}", methods=METHODS)
async def require(request: Request, session: MaybeSession, desk: Desk) -> Response:
    """For the signed-in alone: others are sent to «Войти», or told so where a program asks."""
    asked = _asked(request, "/authz/required")
    if session is None:
        return _sign_in_first(asked)
    if session.consent_due and _is_under(asked.partition("?")[0], *NEEDS_CONSENT):
        raise consent_required()
    return Response(headers={HEADER: signed(session, desk.signer, desk.clock())})


@router.api_route("/authz/optional/{path:path}", methods=METHODS)
async def recognise(session: MaybeSession, desk: Desk) -> Response:
    """For everybody: who is signed in is told where somebody is."""
    return Response(headers={HEADER: signed(session, desk.signer, desk.clock())} if session else {})


def _asked(request: Request, prefix: str) -> str:
    """The path and query that the browser asked for, as it wrote them."""
    path = request.scope["raw_path"].decode("latin-1").removeprefix(prefix)
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _sign_in_first(asked: str) -> Response:
    if _is_under(asked.partition("?")[0], "/api"):
        raise Problem(401, "sign-in-required", "Войдите, чтобы продолжить.")
    return Response(status_code=302, headers={"location": f"/sign-in?return_to={quote(asked, safe='')}"})


def _is_under(path: str, *homes: str) -> bool:
    return any(path == home or path.startswith(f"{home}/") for home in homes)
