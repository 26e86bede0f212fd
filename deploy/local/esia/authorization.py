"""Gosuslugi stand-in: the authorization request (`/aas/oauth2/ac`) and what it grants. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.local.esia.clients import Client, client_of, require, verify_signed
from deploy.local.esia.errors import EsiaCode, EsiaError
from deploy.local.esia.session import Session

CODE_LIFETIME = timedelta(minutes=5)
REQUIRED = ("client_secret", "scope", "response_type", "state", "access_type", "timestamp")


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that has been verified: by whom, where the answer goes, what for."""

    client: Client
    redirect_uri: str
    state: str
    scopes: frozenset[str]
    code_challenge: str


@dataclass(frozen=True)
class Grant:
    """What an authorization code stands for: the request it answers and the session that answered it."""

    request: AuthorizationRequest
    session: Session


def trusted_redirect(parameters: Mapping[str, str], clients: Mapping[str, Client]) -> tuple[Client, str]:
    """The client and its redirect_uri, which errors may be sent to from here on.

    Raises EsiaError (ESIA-007014, 007005, 007023) when there is no address to trust: tell it on a page of our own.
    """
    client = client_of(parameters, clients)
    require(parameters, ("redirect_uri",))
    redirect_uri = parameters["redirect_uri"]
    if redirect_uri not in client.redirect_uris:
        raise EsiaError(EsiaCode.REDIRECT_URI)
    return client, redirect_uri


def authorization_request(
    parameters: Mapping[str, str], client: Client, redirect_uri: str, now: datetime
) -> AuthorizationRequest:
    """The verified request.

    Raises EsiaError: ESIA-007014 (missing), 007003 (malformed), 007040 (PKCE), and those of `verify_signed`.
    """
    require(parameters, REQUIRED)
    if parameters["response_type"] != "code" or parameters["access_type"] not in {"online", "offline"}:
        raise EsiaError(EsiaCode.BAD_PARAMETER)
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge):
        raise EsiaError(EsiaCode.PKCE)
    scopes = verify_signed(parameters, client, now)
    return AuthorizationRequest(client, redirect_uri, parameters["state"], scopes, challenge)
