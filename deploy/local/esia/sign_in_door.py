"""Gosuslugi stand-in: the sign-in pages. Every POST ends in a redirect, so reload, Back and double click are safe."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from deploy.local.esia.clients import origin
from deploy.local.esia.errors import EsiaCode, with_query
from deploy.local.esia.people import Account
from deploy.local.esia.screens import Notice, page
from deploy.local.esia.session import Amr, Browser
from deploy.local.esia.sign_in import (
    SignIn,
    asked_for_login,
    code_typed,
    password_accepted,
    password_refused,
    shown,
)
from deploy.local.esia.stand_in import StandIn, The

router = APIRouter(prefix="/login/{sign_in_id}")


class Finished(Exception):
    """The sign-in is over: the browser goes where it was sent the first time."""

    def __init__(self, destination: str) -> None:
        super().__init__("finished")
        self.destination = destination


async def current(sign_in_id: str, request: Request, stand_in: The) -> SignIn:
    """The sign-in of this address. Raises Notice (unknown, another browser's, expired) or Finished."""
    sign_in, browser = stand_in.sign_ins.get(sign_in_id, stand_in.now()), Browser.of(request)
    if sign_in is None:
        raise Notice(404, "Вход не найден", "Вернитесь на сайт, с которого пришли, и начните вход заново.")
    if browser is None or browser.browser != sign_in.browser:
        text = "Этот вход начат в другом браузере. Вернитесь в тот браузер или начните вход заново."
        raise Notice(403, "Вернитесь в браузер, где начали", text)
    if sign_in.destination:
        raise Finished(sign_in.destination)
    if sign_in.expires_at <= stand_in.now():
        text = "Вход не закончили за 15 минут. Вернитесь на сайт и начните заново."
        raise Notice(410, "Время на вход вышло", text, origin(sign_in.request.redirect_uri))
    return sign_in


Current = Annotated[SignIn, Depends(current)]


async def form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def posted(fields: Annotated[dict[str, str], Depends(form)], sign_in: Current) -> dict[str, str]:
    """The posted fields. Raises Notice when the form is not one that this page gave out.

    The sign-in is looked up once the whole form is here: from there on nothing waits, so that codes sent all at once
    are tried one after another.
    """
    if fields.get("form_token") != sign_in.form_token:
        raise Notice(403, "Форма устарела", "Вернитесь на страницу входа, обновите её и попробуйте ещё раз.")
    return fields


Posted = Annotated[dict[str, str], Depends(posted)]


def step(sign_in: SignIn, name: str = "") -> RedirectResponse:
    return RedirectResponse(f"/login/{sign_in.id}{name}", 303)


def signed_in(stand_in: StandIn, sign_in: SignIn, account: Account, amr: Amr, request: Request) -> Response:
    browser = Browser.of(request) or Browser(sign_in.browser)
    destination, known = stand_in.sign_in(sign_in, account, amr, browser)
    response = RedirectResponse(destination, 303)
    known.remember(response)
    return response


def shown_once(stand_in: StandIn, sign_in: SignIn, template: str, **content: Any) -> Response:
    stand_in.keep(shown(sign_in))
    site = urlsplit(sign_in.request.redirect_uri).netloc
    return page(template, sign_in=sign_in, problems=sign_in.problems, site=site, **content)


@router.get("")
async def login_page(sign_in: Current, stand_in: The) -> Response:
    return shown_once(stand_in, sign_in, "login.html")


@router.post("")
async def give_password(fields: Posted, sign_in: Current, stand_in: The) -> Response:
    login, password = fields.get("login", ""), fields.get("password", "")
    sign_in = asked_for_login(sign_in, login, password)
    account = None if sign_in.problems else stand_in.people.by_password(login, password)
    if account:
        stand_in.keep(password_accepted(sign_in, account.oid))
        return step(sign_in, "/code")
    stand_in.keep(sign_in if sign_in.problems else password_refused(sign_in))
    return step(sign_in)


def first_step_done(sign_in: SignIn, stand_in: StandIn) -> Account | None:
    return stand_in.people.by_oid(sign_in.oid) if sign_in.oid is not None else None


@router.get("/code")
async def code_page(sign_in: Current, stand_in: The) -> Response:
    """Sends a code each time it is opened, unless it is there to say what was wrong with the last one typed."""
    account = first_step_done(sign_in, stand_in)
    if account is None:
        return step(sign_in)
    again = sign_in.code is not None and not sign_in.problems
    if not sign_in.problems:
        sign_in = stand_in.send_code(sign_in, account)
    return shown_once(stand_in, sign_in, "code.html", sent_to=account.code_goes_to, again=again)


@router.post("/code")
async def give_code(fields: Posted, sign_in: Current, stand_in: The, request: Request) -> Response:
    account = first_step_done(sign_in, stand_in)
    if account is None:
        return step(sign_in)
    sign_in = code_typed(sign_in, fields.get("code", ""), stand_in.now())
    if sign_in.problems:
        stand_in.keep(sign_in)
        return step(sign_in, "/code")
    return signed_in(stand_in, sign_in, account, Amr.PASSWORD, request)


@router.get("/cancel")
async def cancel(sign_in: Current) -> Response:
    """Back to the client with ESIA-007004; the sign-in stays open for someone who changes their mind."""
    asked = sign_in.request
    return RedirectResponse(with_query(asked.redirect_uri, EsiaCode.DENIED.oauth(asked.state)), 302)
