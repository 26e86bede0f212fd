"""Operators' page, application: two pages, their style and script, and the intake; for a browser on this machine."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local.watch.intake import intake_router
from deploy.local.watch.overview import EVERY_SECONDS, Lookout
from deploy.local.watch.traces import Traces
from deploy.local.watch.waterfall import WIDTH, rows_of
from ops.output import age_of

HERE = Path(__file__).parent
TRACE_ID = re.compile("[0-9a-f]{32}")
HEADERS = {
    "content-security-policy": "default-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def create_app(lookout: Lookout, traces: Traces, traces_go_to: str | None = None) -> FastAPI:
    """`traces_go_to` is where the services send their traces, if not here."""
    app = FastAPI(title="Operators' page", openapi_url=None)
    # A page of another site could have its own name lead to this machine; so it is by its number or not at all.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.include_router(intake_router(traces))
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    pages = _pages()

    @app.middleware("http")
    async def add_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await go_on(request)
        response.headers.update(HEADERS)
        return response

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    async def overview(still: bool = False) -> HTMLResponse:
        seen = await lookout.overview()
        known = {"seen": seen, "still": still, "traces": traces.recent(), "traces_go_to": traces_go_to}
        return HTMLResponse(pages.get_template("overview.html").render(known, seconds=int(EVERY_SECONDS)))

    @app.get("/traces/{trace_id}")
    async def trace(trace_id: str) -> HTMLResponse:
        found = traces.get(trace_id) if TRACE_ID.fullmatch(trace_id) else None
        if found is None:
            raise HTTPException(404, "there is no such trace here, or no more")
        rendered = pages.get_template("trace.html").render(trace=found, rows=rows_of(found), width=WIDTH)
        return HTMLResponse(rendered)

    return app


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    pages.filters["age"] = age_of
    return pages
