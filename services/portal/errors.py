"""Errors as pages: what the API answers as problem+json, a person at a page's address reads in Russian."""

from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http import SAFE_METHODS
from chassis.problem import ProblemBody
from services.portal.clients.http import UNAVAILABLE
from services.portal.cookies import DRAFT, set_cookie
from services.portal.draft import LIFETIME, Draft
from services.portal.forms import keep_draft
from services.portal.portal import portal_of
from services.portal.visit import Elsewhere, Visit

TITLES = {
    400: "Запрос не удалось прочитать",
    401: "Нужно войти ещё раз",
    403: "Действие отклонено",
    404: "Такой страницы нет",
    405: "Эту страницу так открыть нельзя",
    409: "Данные успели измениться",
    422: "Проверьте адрес или введённые данные",
    429: "Слишком много попыток",
    500: "Что-то сломалось у нас",
    503: "Портал сейчас недоступен",
}
FOR_MACHINES = ("/api", "/docs/asyncapi.yaml", "/docs/openapi", "/docs/schemas", "/health", "/metrics")


@dataclass(frozen=True, slots=True)
class WayOn:
    """A link from an error's page to where one can go on."""

    path: str
    text: str


PAGE_AGAIN = "Открыть страницу ещё раз"
TYPED_IS_KEPT = (
    "Сервис временно недоступен. Откройте страницу ещё раз через минуту: то, что вы ввели, кроме паролей, останется на "
    "ней 15 минут. Если это уже сохранилось, повторная отправка ничего не испортит."
)
MAY_BE_CHANGED_ALREADY = " Пароль мог уже смениться: сначала попробуйте новый."
MY_CARDS = WayOn("/cards", "Мои карты")
LIST_OF_REGIONS = WayOn("/regions", "Список регионов")
_WAYS_ON = {
    "card-removed": MY_CARDS,
    "card-not-found": MY_CARDS,
    "card-changed": MY_CARDS,
    "restoration-over": MY_CARDS,
    "card-being-made": MY_CARDS,
    "region-unknown": LIST_OF_REGIONS,
    "service-unknown": WayOn("/docs", "Для разработчиков"),
}
# A form's page has the address that it was sent to.
_PAGE_AGAIN = ("form-outdated", "form-damaged", "other-person", "sign-in-required", UNAVAILABLE)
_WORDS = {  # where a page can say more than the API: title and detail
    "card-removed": (
        "Карта уже удалена",
        "Если она ещё нужна, её можно восстановить на странице «Мои карты». Если вы её сейчас меняли, эти изменения не "
        "сохранены.",
    ),
    "card-being-made": ("Карта ещё создаётся", "Обычно это занимает несколько секунд. Обновите страницу."),
}


def add_error_pages(app: FastAPI, headers: dict[str, str]) -> None:
    """Turn problems outside the API into pages, and give every answer `headers`."""

    async def on_elsewhere(request: Request, error: Exception) -> Response:
        return _follow(request, cast(Elsewhere, error))

    app.add_exception_handler(Elsewhere, on_elsewhere)
    app.add_middleware(ErrorPages, headers=headers)


class ErrorPages:
    """Around every request, outermost: a problem on its way to a person becomes a page. Plain ASGI, as the Guard."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem: Message | None = None
        content = b""

        async def present(message: Message) -> None:
            nonlocal problem, content
            if message["type"] == "http.response.start":
                if _is_problem(message) and not _is_for_machines(scope["path"]):
                    problem = message
                    return
                self._add_headers(message)
            elif problem:
                content += message.get("body", b"")
                if not message.get("more_body", False):
                    page = await _as_page(Request(scope, receive), problem, content)
                    problem = None
                    await page(scope, receive, present)
                return
            await send(message)

        await self._app(scope, receive, present)

    def _add_headers(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        for name, value in self._headers.items():
            headers.setdefault(name, value)


def error_page(
    visit: Visit, status: int, detail: str, title: str | None = None, way_on: WayOn | None = None
) -> Response:
    """A page that says what happened and leads on, or home."""
    title = title or TITLES.get(status, "Запрос не удалось выполнить")
    return visit.page("error.html", status, title=title, detail=detail, way_on=way_on)


def _follow(request: Request, error: Elsewhere) -> Response:
    response = RedirectResponse(error.path, 303)
    if error.draft is not None:
        seconds = int(LIFETIME.total_seconds())
        set_cookie(response, DRAFT, error.draft, seconds, portal_of(request).secure)
    return response


async def _as_page(request: Request, problem: Message, content: bytes) -> Response:
    visit: Visit = getattr(request.state, "visit", None) or Visit(request, None)
    if problem["status"] < 500:  # else who was asked has answered too late already
        await visit.learn_name()
    page = _page_of(visit, problem["status"], ProblemBody.model_validate_json(content))
    page.headers["cache-control"] = "no-store"
    said = MutableHeaders(scope=problem)
    for name in ("retry-after", "connection"):
        if (value := said.get(name)) is not None:
            page.headers[name] = value
    return page


def _page_of(visit: Visit, status: int, body: ProblemBody) -> Response:
    if status == 422 and visit.request.method in SAFE_METHODS:  # nobody filled anything in: the address is damaged
        return error_page(visit, 404, "Проверьте адрес: возможно, ссылка скопирована не целиком.")
    code = body.type.rpartition("/")[2]
    if code == UNAVAILABLE and visit.typed and (page := _with_draft(visit, visit.typed, status)):
        return page
    title, detail = _WORDS.get(code, (None, body.detail))
    way_on = WayOn(visit.request.url.path, PAGE_AGAIN) if code in _PAGE_AGAIN else _WAYS_ON.get(code)
    return error_page(visit, status, detail, title, way_on)


def _with_draft(visit: Visit, typed: Draft, status: int) -> Response | None:
    """The page of a form that nobody answered: what was typed waits; null where it is too much to be kept."""
    said = TYPED_IS_KEPT + (MAY_BE_CHANGED_ALREADY if typed.fields.get("password") else "")
    page = error_page(visit, status, said, way_on=WayOn(typed.path, PAGE_AGAIN))
    return page if keep_draft(page, visit, typed) else None


def _is_for_machines(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in FOR_MACHINES)


def _is_problem(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("application/problem+json")
