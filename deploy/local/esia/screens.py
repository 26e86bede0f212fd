"""Gosuslugi stand-in: how its pages are made. Jinja templates, nothing inline, nothing from elsewhere, no script."""

from collections.abc import Set
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.local.esia.logins import phone_as_shown

HERE = Path(__file__).parent
STATIC = HERE / "static"

_pages = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_pages.filters["phone_as_shown"] = phone_as_shown


def page(template: str, status: int = 200, **content: Any) -> HTMLResponse:
    return HTMLResponse(_pages.get_template(template).render({"problems": (), **content}), status)


def security_headers(origins: Set[str]) -> dict[str, str]:
    """Headers of every answer. Forms end in a redirect to a client, so `form-action` names the clients' origins."""
    form_action = " ".join(["'self'", *sorted(origins)])
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class Notice(Exception):
    """A page that only says something: a title, a sentence, and the way back to the client where it is known."""

    def __init__(self, status: int, title: str, text: str, back_to: str = "") -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.back_to = back_to

    def response(self) -> HTMLResponse:
        return page("notice.html", self.status, title=self.title, text=self.text, back_to=self.back_to)
