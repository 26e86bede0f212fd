"""Gosuslugi stand-in: the token endpoint, called by a client's server."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from deploy.local.esia.authorization_door import single
from deploy.local.esia.errors import EsiaCode, EsiaError
from deploy.local.esia.faults import Place, may_fail
from deploy.local.esia.stand_in import StandIn, The
from deploy.local.esia.token import (
    TOKEN_LIFETIME,
    TokenRequest,
    access_token_claims,
    id_token_claims,
    redeem,
    token_request,
)

router = APIRouter()


@router.post("/aas/oauth2/te", dependencies=[Depends(may_fail(Place.TOKEN))])
@router.post("/aas/oauth2/v3/te", dependencies=[Depends(may_fail(Place.TOKEN))])
async def exchange(request: Request, stand_in: The) -> Response:
    """Tokens for a code. A code is burnt by the first request of a proved client, whatever becomes of it."""
    parameters: Mapping[str, str] = {}
    try:
        parameters = single(await request.form())
        asked = token_request(parameters, stand_in.clients, stand_in.now())
        return JSONResponse(_tokens(stand_in, asked))
    except EsiaError as error:
        return JSONResponse(error.code.oauth(parameters.get("state")), 400)


def _tokens(stand_in: StandIn, asked: TokenRequest) -> dict[str, Any]:
    now = stand_in.now()
    session = redeem(stand_in.grants.take(asked.code, now), asked)
    account = stand_in.people.by_oid(session.oid)
    if account is None:
        raise EsiaError(EsiaCode.CODE_INVALID)
    client_id, sign = asked.client.client_id, stand_in.signer.sign
    return {
        "access_token": sign(access_token_claims(client_id, asked.scopes, session, now), "access"),
        "id_token": sign(id_token_claims(client_id, account, session, now), "id"),
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "state": asked.state,
        "token_type": "Bearer",
    }
