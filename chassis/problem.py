"""Errors as RFC 9457 problem+json: a stable `type`, a title and a detail in Russian, messages by field."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.routing import Match

log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """What is wrong with one field, as a sentence that can stand beside it.

    `conflicts_with` is the id of what stands in the way, where something does.
    """

    field: str
    detail: str
    conflicts_with: str | None = None


class ProblemBody(BaseModel):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class Problem(Exception):
    """An answer of the API that is an error; `code` becomes `/problems/<code>`, `detail` is Russian, for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        conflicts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.conflicts = dict(conflicts or {})

    def response(self) -> JSONResponse:
        """The problem+json answer."""
        body = ProblemBody(
            type=f"/problems/{self.code}",
            title=self.code.replace("-", " "),
            status=self.status,
            detail=self.detail,
            errors=[
                FieldError(field=field, detail=detail, conflicts_with=self.conflicts.get(field))
                for field, detail in self.errors.items()
            ],
        )
        content = body.model_dump(exclude_none=True)
        return JSONResponse(content, self.status, headers=self.headers, media_type="application/problem+json")


_TITLES = {
    400: ("bad-request", "Запрос не удалось прочитать."),
    404: ("not-found", "Такой страницы или записи нет."),
    405: ("method-not-allowed", "Так обратиться к этому адресу нельзя."),
}

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_SENTENCES = {
    "missing": "Заполните это поле",
    "string_too_short": "Заполните это поле",
    "too_short": "Заполните это поле",
    "string_too_long": "Слишком длинное значение",
    "too_long": "Слишком длинное значение",
    "enum": "Выберите одно из предложенных значений",
    "literal_error": "Выберите одно из предложенных значений",
    "date_from_datetime_parsing": "Введите дату, например 07.06.1994",
    "date_parsing": "Введите дату, например 07.06.1994",
}


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem+json answer; none tells what the server looks like inside."""

    async def on_problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)  # noqa: S101  registered for this class
        return error.response()

    async def on_invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return invalid(error.errors()).response()

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        code, detail = _TITLES.get(error.status_code, ("http-error", "Запрос не удалось выполнить."))
        headers = {"allow": _methods_of(request)} if error.status_code == 405 else error.headers
        return Problem(error.status_code, code, detail, headers=headers).response()

    async def on_database(_: Request, error: Exception) -> JSONResponse:
        log.error("database_unavailable", error=type(error).__name__)
        detail = "Сервис временно недоступен. Попробуйте ещё раз через минуту."
        return Problem(503, "unavailable", detail, headers={"retry-after": "10"}).response()

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(PyMongoError, on_database)


def _methods_of(request: Request) -> str:
    """Every method of the path (RFC 9110, 10.2.1): Starlette itself names those of its first route alone."""
    return ", ".join(
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    )


def invalid(errors: Any) -> Problem:
    """Pydantic's errors as one problem with a sentence for each field."""
    fields: dict[str, str] = {}
    for error in errors:
        field = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path"))
        fields.setdefault(field or "body", _sentence(error))
    return Problem(422, "invalid-input", "Проверьте введённые данные.", fields)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _SENTENCES.get(error["type"], "Проверьте это значение")
