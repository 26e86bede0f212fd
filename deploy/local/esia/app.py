"""Gosuslugi stand-in: the application put together. What it knows comes in as a `StandIn`."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from deploy.local.esia import (
    authorization_door,
    faults,
    other_ways_door,
    pages_door,
    person_door,
    sign_in_door,
    token_door,
)
from deploy.local.esia.faults import Disturbed
from deploy.local.esia.person_door import Refused
from deploy.local.esia.screens import STATIC, Notice, security_headers
from deploy.local.esia.sign_in_door import Finished
from deploy.local.esia.stand_in import StandIn


def create_app(stand_in: StandIn, *, with_faults: bool = False) -> FastAPI:
    app = FastAPI(title="Gosuslugi stand-in", openapi_url=None)
    app.state.stand_in = stand_in
    for door in (authorization_door, token_door, person_door, sign_in_door, other_ways_door, pages_door):
        app.include_router(door.router)
    if with_faults:
        app.include_router(faults.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    _answer_exceptions(app)
    _secure(app)
    return app


def _secure(app: FastAPI) -> None:
    stand_in: StandIn = app.state.stand_in
    headers = security_headers({origin for client in stand_in.clients.values() for origin in client.origins})

    @app.middleware("http")
    async def add_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await go_on(request)
        response.headers.update(headers)
        return response


def _answer_exceptions(app: FastAPI) -> None:
    @app.exception_handler(Notice)
    async def notice(_: Request, error: Notice) -> Response:
        return error.response()

    @app.exception_handler(Finished)
    async def finished(_: Request, error: Finished) -> Response:
        return RedirectResponse(error.destination, 303)

    @app.exception_handler(Disturbed)
    async def disturbed(_: Request, error: Disturbed) -> Response:
        return error.answer

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return JSONResponse(error.code.rest(), error.status)

    @app.exception_handler(HTTPException)
    async def no_such_page(_: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            text = "Проверьте адрес или вернитесь на предыдущую страницу."
            return Notice(404, "Такой страницы нет", text).response()
        text = "Вернитесь на предыдущую страницу и попробуйте ещё раз."
        return Notice(error.status_code, "Так сделать не получится", text).response()
