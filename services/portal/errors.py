"""Errors as pages: what the API answers as problem+json, a person at a page's address reads in Russian."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.responses import StreamingResponse

from chassis.http import SAFE_METHODS
from chassis.problem import ProblemBody
from services.portal.cookies import DRAFT, set_cookie
from services.portal.draft import LIFETIME
from services.portal.portal import portal_of
from services.portal.visit import Elsewhere, Visit

Next = Callable[[Request], Awaitable[Response]]

TITLES = {
    400: "Запрос не удалось прочитать",
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
_PAGE_AGAIN = ("form-outdated", "form-damaged", "other-person")  # the form's page has the address that it was sent to
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

    @app.middleware("http")
    async def present(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        if _is_problem(response) and not _is_for_machines(request.url.path):
            response = await _as_page(request, response)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response


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


async def _as_page(request: Request, problem: Response) -> Response:
    body = ProblemBody.model_validate_json(await _content(problem))
    visit = getattr(request.state, "visit", None) or Visit(request, None)
    page = _page_of(visit, problem.status_code, body)
    page.headers["cache-control"] = "no-store"
    if (wait := problem.headers.get("retry-after")) is not None:
        page.headers["retry-after"] = wait
    return page


def _page_of(visit: Visit, status: int, body: ProblemBody) -> Response:
    if status == 422 and visit.request.method in SAFE_METHODS:  # nobody filled anything in: the address is damaged
        return error_page(visit, 404, "Проверьте адрес: возможно, ссылка скопирована не целиком.")
    code = body.type.rpartition("/")[2]
    title, detail = _WORDS.get(code, (None, body.detail))
    way_on = WayOn(visit.request.url.path, "Открыть страницу ещё раз") if code in _PAGE_AGAIN else _WAYS_ON.get(code)
    return error_page(visit, status, detail, title, way_on)


def _is_for_machines(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in FOR_MACHINES)


def _is_problem(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith("application/problem+json")


async def _content(response: Response) -> bytes:
    chunks = cast(StreamingResponse, response).body_iterator
    return b"".join([chunk if isinstance(chunk, bytes) else bytes(str(chunk), "utf-8") async for chunk in chunks])
