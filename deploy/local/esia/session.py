"""Gosuslugi stand-in: its own session, by which a second authorization within it needs no login (single sign-on).

The cookie is `<browser>` or, once signed in, `<browser>.<secret>`: the first part keeps every tab's unfinished
sign-in with its browser, the second is new at every sign-in and is what the session is found by.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fastapi import Request, Response

COOKIE = "esia_session"
SESSION_LIFETIME = timedelta(hours=3)


class Amr(StrEnum):
    """How the person proved who they are: the `amr` of the id_token."""

    PASSWORD = "PWD"
    SIGNATURE = "DS"
    QR = "QR"


@dataclass(frozen=True)
class Session:
    """A signed-in person at the stand-in; `sid` is told to clients as `urn:esia:sid`."""

    sid: str
    oid: int
    amr: Amr
    auth_time: datetime


@dataclass(frozen=True)
class Browser:
    """Which browser a request comes from and, signed in, the session's secret."""

    browser: str
    secret: str = ""

    @property
    def session_key(self) -> str:
        return f"{self.browser}.{self.secret}"

    @classmethod
    def of(cls, request: Request) -> "Browser | None":
        browser, _, secret = request.cookies.get(COOKIE, "").partition(".")
        return cls(browser, secret) if browser else None

    @classmethod
    def new(cls) -> "Browser":
        return cls(secrets.token_urlsafe(24))

    def signed_in(self) -> "Browser":
        return Browser(self.browser, secrets.token_urlsafe(24))

    def remember(self, response: Response) -> None:
        value = self.session_key if self.secret else self.browser
        response.set_cookie(COOKIE, value, path="/", httponly=True, samesite="lax")
