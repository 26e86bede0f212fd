"""Pages of signing in, by Gosuslugi or by login and password, and of signing out."""

from fastapi import APIRouter, Request, Response

from chassis.local_path import local_path_or, with_query
from chassis.problem import Problem
from services.portal.clients.http import UNAVAILABLE
from services.portal.cookies import ASKED_FOR, DRAFT, drop_cookie, read_cookie
from services.portal.draft import Draft
from services.portal.forms import CHECK, Form, check_owner, fields_of, keep_draft, open_draft, without_draft
from services.portal.visit import AnyVisit, BareVisit, Elsewhere, Visit

router = APIRouter(include_in_schema=False)

LANDING = "/cards"
ESIA_AGAIN = "/sign-in/esia"
WRONG = "Неверный логин или пароль."
NOT_IN = "Войти не получилось"
NOT_NOW = "Войти по паролю сейчас нельзя: сервис временно недоступен. Попробуйте ещё раз через минуту."
LABELS = {"login": "Логин", "password": "Пароль"}


@router.get("/sign-in")
async def sign_in(visit: AnyVisit, return_to: str = "") -> Response:
    """The choice: Gosuslugi, or login and password."""
    if visit.token is not None:
        raise Elsewhere(local_path_or(return_to, LANDING))
    return _page(visit, Form(LABELS), return_to)


@router.post("/sign-in")
async def sign_in_by_password(request: Request, visit: BareVisit) -> Response:
    """Login and password, given to settings; its grant opens a session at identity."""
    fields = await fields_of(request)
    login, password = fields.get("login", "").strip(), fields.get("password", "")
    return_to = local_path_or(fields.get("return_to"), LANDING)
    empty = {name: "Заполните это поле" for name, value in (("login", login), ("password", password)) if not value}
    if empty:
        return _page(visit, Form(LABELS, fields, empty), return_to, 422)
    try:
        consent_due = await visit.identity.redeem(await visit.settings.sign_in(login, password))
    except Problem as problem:
        if problem.status >= 500 and problem.code != UNAVAILABLE:
            raise
        heading = CHECK if problem.status == 401 else NOT_IN
        form = Form(LABELS, fields, {"": _reason(problem)}, heading=heading)  # it does not tell which was wrong
        return _page(visit, form, return_to, _status(problem), problem.headers)
    return visit.redirect(with_query("/consent", return_to=return_to) if consent_due else return_to)


@router.post("/sign-in/esia")
async def to_esia_by_button(request: Request, visit: BareVisit) -> Response:
    """«Войти через Госуслуги»."""
    return await _to_esia(visit, local_path_or((await fields_of(request)).get("return_to"), ""))


@router.get(ESIA_AGAIN)
async def to_esia_again(visit: BareVisit, return_to: str = "") -> Response:
    """Straight on to Gosuslugi, for who has just pressed «Войти через Госуслуги заново».

    The form that they left says so: no other site's link begins a sign-in.
    """
    back = local_path_or(return_to, "")
    left = open_draft(visit)
    if visit.token is not None or left is None or left.path != back:
        raise Elsewhere(with_query("/sign-in", return_to=back or None))
    return await _to_esia(visit, back)


async def _to_esia(visit: Visit, return_to: str) -> Response:
    region = visit.region.code if visit.region else None
    attempt_id = await visit.identity.start("sign_in", region, return_to=return_to or None)
    response = visit.redirect(await visit.identity.authorization_url(attempt_id))
    if read_cookie(visit.request, ASKED_FOR, visit.portal.secure) is not None:
        drop_cookie(response, ASKED_FOR, visit.portal.secure)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, visit: BareVisit) -> Response:
    """«выход»: the session ends here and, even where there is none here, at Gosuslugi: for who sits down next.

    A page that needs a fresh sign-in names itself in `return_to`: Gosuslugi's single sign-on would answer with an old
    one, so the way there leads through this door too. What was typed on that page waits for the person.
    """
    fields = await fields_of(request)
    if visit.token is not None:
        check_owner(request, visit.token, fields)
    back = local_path_or(fields.pop("return_to", None), "")
    sign_in_again = with_query(ESIA_AGAIN, return_to=back) if back else None
    response = visit.redirect(await visit.identity.end_session(sign_in_again))
    if visit.token is None or not back:
        return without_draft(visit, response)
    keep_draft(response, visit, Draft(back, visit.token.account_id, fields))
    return response


@router.get("/sign-out")
async def sign_out_skipped() -> Response:
    """Only the button signs out."""
    raise Elsewhere("/")


def _page(
    visit: Visit, form: Form, return_to: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    back = local_path_or(return_to, "")
    kept = read_cookie(visit.request, DRAFT, visit.portal.secure) is not None and back != ""
    response = visit.page("sign_in.html", status, form=form, return_to=back, kept=kept)
    response.headers.update(headers or {})
    return response


def _status(problem: Problem) -> int:
    return 422 if problem.status == 401 else problem.status


def _reason(problem: Problem) -> str:
    if problem.status == 401:
        return WRONG if problem.code == "wrong-login-or-password" else problem.detail
    return NOT_NOW if problem.code == UNAVAILABLE else problem.detail
