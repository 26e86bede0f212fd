"""The way back from Gosuslugi: a session is opened, or a page says why not and what to do."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.local_path import local_path_or, with_query
from chassis.problem import Problem
from services.portal.clients.identity import Completion
from services.portal.cookies import ASKED_FOR, REGISTRATION, read_cookie
from services.portal.visit import BareVisit, Elsewhere, Visit

router = APIRouter(include_in_schema=False)

PATH = "/esia/callback"


@dataclass(frozen=True, slots=True)
class WayOut:
    """The heading of a refusal's page, and which ways it offers: `sign_in`, `register`, `leave` (Gosuslugi)."""

    title: str
    offers: tuple[str, ...]


_WAYS_OUT = {
    "attempt-unknown": WayOut("Время на вход истекло", ("sign_in", "register")),
    "attempt-used": WayOut("Этот вход уже завершён", ("sign_in",)),
    "other-browser": WayOut("Вернитесь в браузер, где начали", ()),
    "esia-denied": WayOut("Вход через Госуслуги отменён", ("sign_in", "register")),
    "esia-unavailable": WayOut("Госуслуги сейчас не отвечают", ("sign_in", "register")),
    "esia-refused": WayOut("Госуслуги не подтвердили вход", ("sign_in", "register")),
    "sent-back-unavailable": WayOut("Госуслуги сейчас не отвечают", ("sign_in", "register")),
    "sent-back-refused": WayOut("Госуслуги не подтвердили вход", ("sign_in", "register")),
    "code-refused": WayOut("Войдите ещё раз", ("sign_in", "register")),
    "account-unconfirmed": WayOut("Учётная запись Госуслуг не подтверждена", ("leave",)),
    "under-age": WayOut("Регистрация с этого возраста недоступна", ("leave",)),
    "organisation": WayOut("Войдите как частное лицо", ("leave",)),
    "not-registered": WayOut("Вы ещё не зарегистрированы", ("register", "leave")),
    "consent-changed": WayOut("Текст согласия обновился", ("register",)),
    "unavailable": WayOut("Портал сейчас недоступен", ("sign_in", "register")),
}
_BUTTONS = {"sign_in": ("/sign-in", "Войти"), "register": ("/registration/consent", "Зарегистрироваться")}


@router.get(PATH)
async def come_back(
    visit: BareVisit, state: str = "", code: str = "", error: str = "", error_description: str = ""
) -> Response:
    """Hand over to identity what Gosuslugi sent; the same address twice has one effect and the same result."""
    if not state or not (code or error):
        raise Elsewhere("/sign-in")
    said = {"code": code} if code else {"error": error, "error_description": error_description}
    try:
        completion = await visit.identity.complete(_attempt(state), said)
    except Problem as problem:
        return await _refused(visit, problem)
    return _welcomed(visit, completion)


def _welcomed(visit: Visit, completion: Completion) -> Response:
    landing = with_query("/cards", account_version=completion.version)
    path = local_path_or(completion.return_to, landing)
    response = visit.redirect(with_query("/consent", return_to=path) if completion.consent_due else path)
    if visit.region is None and completion.region and (region := visit.portal.regions.get(completion.region)):
        visit.remember_region(response, region)
    return response


async def _refused(visit: Visit, problem: Problem) -> Response:
    await visit.learn_name()
    way_out = _WAYS_OUT.get(problem.code, WayOut("Войти не получилось", ("sign_in",)))
    registering = read_cookie(visit.request, ASKED_FOR, visit.portal.secure) == REGISTRATION
    offers = sorted(way_out.offers, key=lambda offer: registering and offer != "register")  # what was begun comes first
    return visit.page(
        "esia_refused.html",
        problem.status,
        title=way_out.title,
        detail=problem.detail,
        ways=[_BUTTONS[offer] for offer in offers if offer in _BUTTONS],
        leaving="leave" in offers,
    )


def _attempt(state: str) -> str:
    try:
        return str(UUID(state))
    except ValueError:
        raise Elsewhere("/sign-in") from None
