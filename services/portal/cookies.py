"""The portal's own cookies: the chosen region, the draft of a form, what Gosuslugi was asked for.

Those of identity only pass through. Over TLS their names begin with `__Host-`: they can be set for the portal's own
host alone and by nobody else.
"""

from fastapi import Request, Response

REGION = "region"
DRAFT = "draft"
ASKED_FOR = "asked-for"
REGISTRATION = "registration"


def full_name(name: str, secure: bool) -> str:
    """The name as the browser has it; `secure` is off on one machine only."""
    return f"__Host-{name}" if secure else name


def read_cookie(request: Request, name: str, secure: bool) -> str | None:
    """Its value, where there is one."""
    return request.cookies.get(full_name(name, secure))


def set_cookie(response: Response, name: str, value: str, seconds: int, secure: bool) -> None:
    """A cookie that no script sees and no other site's form sends."""
    response.set_cookie(full_name(name, secure), value, seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str, secure: bool) -> None:
    """Forget it."""
    response.delete_cookie(full_name(name, secure), path="/", secure=secure, httponly=True, samesite="lax")
