"""Gosuslugi stand-in: where clients send the browser: to be signed in (`ac`) and to be signed out (`Logout`)."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, QueryParams

from deploy.local.esia.authorization import authorization_request, trusted_redirect
from deploy.local.esia.clients import origin
from deploy.local.esia.errors import EsiaCode, EsiaError, with_query
from deploy.local.esia.screens import Notice, page
from deploy.local.esia.session import Browser
from deploy.local.esia.stand_in import The

router = APIRouter()


def single(values: QueryParams | FormData) -> dict[str, str]:
    """The parameters by name. Raises EsiaError ESIA-007003 for a repeated one (RFC 6749, 3.1) and for a file."""
    pairs = values.multi_items()
    texts = {name: value for name, value in pairs if isinstance(value, str)}
    if len(texts) != len(pairs):
        raise EsiaError(EsiaCode.BAD_PARAMETER)
    return texts


@router.get("/aas/oauth2/ac")
@router.get("/aas/oauth2/v2/ac")
async def authorize(request: Request, stand_in: The) -> Response:
    """Asks the person to sign in; within a session answers at once. Errors go back to a trusted redirect_uri only."""
    parameters: Mapping[str, str] = {}
    try:
        parameters = single(request.query_params)
        client, redirect_uri = trusted_redirect(parameters, stand_in.clients)
    except EsiaError as error:
        text = f"Сайт, с которого вы пришли, отправил неверный запрос: {error.code.number}. Вернитесь на него."
        raise Notice(400, "Войти не получится", text) from error
    try:
        asked = authorization_request(parameters, client, redirect_uri, stand_in.now())
    except EsiaError as error:
        return RedirectResponse(with_query(redirect_uri, error.code.oauth(parameters.get("state"))), 302)
    browser = Browser.of(request) or Browser.new()
    session = stand_in.session_of(browser)
    if session:
        return RedirectResponse(stand_in.answer(asked, session), 302)
    response = RedirectResponse(f"/login/{stand_in.begin(asked, browser).id}", 302)
    browser.remember(response)
    return response


@router.get("/idp/ext/Logout")
async def log_out(request: Request, stand_in: The, client_id: str = "", redirect_url: str = "") -> Response:
    """Ends the session; goes on to `redirect_url` only where the client is registered."""
    client = stand_in.clients.get(client_id)
    trusted = client is not None and origin(redirect_url) in client.origins
    response = (
        RedirectResponse(redirect_url, 302)
        if trusted
        else page("notice.html", title="Вы вышли из Госуслуг", text="Эту страницу можно закрыть.", back_to="")
    )
    browser = Browser.of(request)
    if browser:
        stand_in.sessions.take(browser.session_key, stand_in.now())
        Browser(browser.browser).remember(response)
    return response
