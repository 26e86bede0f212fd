"""Gosuslugi stand-in: ESIA's own error codes and the three forms they are told in.

On the way back to a client they are query parameters (`error`, `error_description`, `state`), at the token
endpoint the same as JSON, at the person's data `{"code", "message"}`. The numbers are ESIA's published list.
"""

from collections.abc import Mapping
from enum import Enum
from urllib.parse import urlencode, urlsplit


class EsiaCode(Enum):
    """ESIA's number, the OAuth 2.0 word it travels with, and its text."""

    CERTIFICATE_MISMATCH = ("ESIA-007002", "invalid_client", "The certificate does not match the client's mnemonic")
    BAD_PARAMETER = ("ESIA-007003", "invalid_request", "The request has a malformed or repeated parameter")
    DENIED = ("ESIA-007004", "access_denied", "The resource owner or the service denied the request")
    CLIENT_NOT_ALLOWED = ("ESIA-007005", "unauthorized_client", "The client may not request an access token so")
    SCOPE = ("ESIA-007006", "invalid_scope", "The requested scope is invalid, unknown or malformed")
    BUSY = ("ESIA-007008", "temporarily_unavailable", "The service cannot serve the request now")
    CODE_INVALID = ("ESIA-007011", "invalid_grant", "The code or token is invalid, expired, used or another's")
    MISSING_PARAMETER = ("ESIA-007014", "invalid_request", "The request does not contain the mandatory parameter")
    TIME = ("ESIA-007015", "invalid_request", "The time of the request is wrong")
    NO_PERMISSION = ("ESIA-007019", "access_denied", "There is no permission for the requested access")
    REDIRECT_URI = ("ESIA-007023", "invalid_request", "The redirect_uri is not among the client's")
    PKCE = ("ESIA-007040", "invalid_request", "The code challenge is missing or the verifier does not match it")
    CLIENT_SECRET = ("ESIA-007053", "unauthorized_client", "The client_secret is malformed or is not the client's")
    UNCONFIRMED = ("ESIA-007055", "access_denied", "The account is not confirmed")

    @property
    def number(self) -> str:
        return self.value[0]

    @property
    def text(self) -> str:
        return self.value[2]

    def oauth(self, state: str | None) -> dict[str, str]:
        """`error`, `error_description` and, where there was one, `state`."""
        number, error, text = self.value
        told = {"error": error, "error_description": f"{number}: {text}"}
        return told | {"state": state} if state else told

    def rest(self) -> dict[str, str]:
        """The form of `/rs/...`."""
        return {"code": self.number, "message": self.text}


class EsiaError(Exception):
    """A request that ESIA refuses with one of its codes."""

    def __init__(self, code: EsiaCode) -> None:
        super().__init__(code.number)
        self.code = code


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters added to the ones it may already have."""
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}{urlencode(parameters)}"
