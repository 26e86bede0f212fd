"""The portal's own cookies: the chosen region and the draft of a form. Those of identity only pass through."""

from fastapi import Response

REGION = "region"
DRAFT = "draft"


def set_cookie(response: Response, name: str, value: str, seconds: int, secure: bool) -> None:
    """A cookie that no script sees and no other site's form sends; `secure` is off on one machine only."""
    response.set_cookie(name, value, seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str, secure: bool) -> None:
    """Forget it."""
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
