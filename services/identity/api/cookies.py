"""Identity, the HTTP door: its two cookies. Both are opaque secrets that no script can read.

`session` says who is signed in, `browser` which attempts are this browser's. Over TLS both are `__Host-`: they can be
set for the portal's own host alone and by nobody else. Both go when the browser is closed, and at sign-out: whoever
sits down next begins anew.
"""

import re
import secrets
from dataclasses import dataclass

from fastapi import Request, Response

_SECRET = re.compile(r"[A-Za-z0-9_-]{40,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of ours."""

    name: str
    secure: bool

    @property
    def full_name(self) -> str:
        """The name as the browser has it."""
        return f"__Host-{self.name}" if self.secure else self.name

    def read(self, request: Request) -> str | None:
        """The secret, where there is one of the right form."""
        value = request.cookies.get(self.full_name, "")
        return value if _SECRET.fullmatch(value) else None

    def write(self, response: Response, value: str) -> None:
        """Give the browser the secret."""
        response.set_cookie(self.full_name, value, path="/", secure=self.secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Take it away again."""
        response.delete_cookie(self.full_name, path="/", secure=self.secure, httponly=True, samesite="lax")


def new_secret() -> str:
    """A secret nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)
