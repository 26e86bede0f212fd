"""Rendering: templates made into pages, and the headers that every page carries. Nothing inline, nothing from afar."""

import hashlib
import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException

from medonline_contracts.identifiers import show_phone
from services.portal import text

HERE = Path(__file__).parent
YEAR_SECONDS = 365 * 24 * 3600
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class StaticFile:
    """A file that browsers may keep for good: its address changes with its content."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.media_type = MEDIA_TYPES[path.suffix]
        self.version = hashlib.sha256(self.content).hexdigest()[:12]
        self.address = f"/static/{path.name}?v={self.version}"


class Renderer:
    """The templates and the static files, read once at the start."""

    def __init__(self) -> None:
        self.static = {
            path.name: StaticFile(path) for path in (HERE / "static").iterdir() if path.suffix in MEDIA_TYPES
        }
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._environment.filters.update(
            code=with_code, date=text.show_date, moment=text.show_moment, gender=text.show_gender, phone=show_phone
        )
        self._environment.globals["static"] = lambda name: self.static[name].address

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page; `context` is what its template names."""
        return HTMLResponse(self._environment.get_template(template).render(context), status)


def with_code(docstring: str) -> Markup:
    """A docstring for developers: what stands between backticks is code."""
    return Markup(re.sub(r"`+([^`]+)`+", r"<code>\1</code>", str(escape(docstring))))  # noqa: S704  escaped before


def page_headers(esia_origin: str, secure: bool) -> dict[str, str]:
    """Headers of every page. A form may end in a redirect to Gosuslugi, so `form-action` names it."""
    over_tls = {"strict-transport-security": f"max-age={YEAR_SECONDS}"} if secure else {}
    return {
        **over_tls,
        "content-security-policy": (
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; "
            f"form-action 'self' {esia_origin}; frame-ancestors 'none'; base-uri 'none'"
        ),
        "referrer-policy": "same-origin",  # `no-referrer` would make browsers send forms with `Origin: null`
        "x-frame-options": "DENY",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }


def static_router(renderer: Renderer) -> APIRouter:
    """`/static/{name}`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        if (file := renderer.static.get(name)) is None:
            raise HTTPException(404)
        lasting = request.query_params.get("v") == file.version
        cache = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return Response(file.content, media_type=file.media_type, headers={"cache-control": cache})

    return router
