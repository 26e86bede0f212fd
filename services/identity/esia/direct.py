"""Gosuslugi reached directly, as a client of our own: ЕСИА's code flow with state and PKCE over HTTP.

The code is redeemed once and never retried, since the first request burns it; the reading of the person is.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import structlog

from chassis.traces import client_span
from services.identity.domain import EsiaAuthentication, require_confirmed_person
from services.identity.esia.client_secret import EsiaClient
from services.identity.esia.errors import refusal_of
from services.identity.esia.id_token import IdTokenVerifier
from services.identity.esia.person import Element, person_of
from services.identity.refusals import EsiaRefused, EsiaUnavailable

log = structlog.get_logger(__name__)

SCOPE = "openid fullname birthdate gender snils id_doc medical_doc email mobile"
SECONDS_PER_REQUEST = 5.0
SECONDS_ALTOGETHER = 9.0  # less than a second request for the same attempt waits
READ_TRIES = 2
ESIA = "esia"
NOTHING_THERE = frozenset({204, 404})


def esia_client() -> httpx.AsyncClient:
    """A connection pool for everybody's sign-ins, by the environment's proxy where there is one.

    It keeps no cookies: what Gosuslugi sets for one person must not go out with the next one's code.
    """
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(timeout=SECONDS_PER_REQUEST, cookies=no_cookies)


class DirectEsia:
    """The port `Esia`, spoken with `esia_url` itself; `http` is the connection pool to use."""

    def __init__(
        self, http: httpx.AsyncClient, esia_url: str, client: EsiaClient, redirect_uri: str, verifier: IdTokenVerifier
    ) -> None:
        self._http = http
        self._url = esia_url
        self._client = client
        self._redirect_uri = redirect_uri
        self._verifier = verifier

    async def authorization_url(self, state: str, challenge: str, now: datetime) -> str:
        """See the port."""
        parameters = {
            **await self._signed(state, now),
            "response_type": "code",
            "access_type": "online",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._url}/aas/oauth2/ac?{urlencode(parameters)}"

    def logout_url(self, return_to: str) -> str:
        """See the port."""
        query = urlencode({"client_id": self._client.client_id, "redirect_url": return_to})
        return f"{self._url}/idp/ext/Logout?{query}"

    async def authenticate(self, code: str, verifier: str, now: datetime) -> EsiaAuthentication:
        """See the port."""
        try:
            async with asyncio.timeout(SECONDS_ALTOGETHER):
                return await self._authenticate(code, verifier, now)
        except (TimeoutError, httpx.HTTPError) as error:
            log.warning("esia_unavailable", error=type(error).__name__)
            raise EsiaUnavailable from None

    async def _authenticate(self, code: str, verifier: str, now: datetime) -> EsiaAuthentication:
        tokens = await self._redeem(code, verifier, now)
        id_token = self._verifier.verify(_required_text(tokens, "id_token"))
        access_token = _required_text(tokens, "access_token")
        require_confirmed_person(id_token.subject_type, trusted=id_token.trusted)
        at = f"/rs/prns/{id_token.oid}"
        person = await self._read("person", at, access_token)
        trusted = person.get("trusted") is True
        require_confirmed_person(id_token.subject_type, trusted=trusted)
        contacts, documents = await asyncio.gather(
            self._read("contacts", f"{at}/ctts?embed=(elements)", access_token),
            self._read("documents", f"{at}/docs?embed=(elements)", access_token),
        )
        return EsiaAuthentication(
            person=person_of(id_token.oid, person, _elements(contacts), _elements(documents)),
            trusted=trusted,
            subject_type=id_token.subject_type,
            amr=id_token.amr,
            authenticated_at=id_token.authenticated_at,
        )

    async def _redeem(self, code: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        state = str(uuid4())
        fields = {
            **await self._signed(state, now),
            "code": code,
            "grant_type": "authorization_code",
            "token_type": "Bearer",
            "code_verifier": verifier,
        }
        with client_span("POST", ESIA, "token") as call:
            response = await self._http.post(f"{self._url}/aas/oauth2/te", data=fields)
            call.answered(response.status_code)
        tokens = _answer(response)
        if tokens.get("state") != state:
            raise EsiaRefused("state")
        return tokens

    async def _read(self, what: str, path: str, access_token: str) -> Element:
        for _ in range(READ_TRIES - 1):
            try:
                return await self._read_once(what, path, access_token)
            except (httpx.TransportError, EsiaUnavailable):
                continue
        return await self._read_once(what, path, access_token)

    async def _read_once(self, what: str, path: str, access_token: str) -> Element:
        headers = {"authorization": f"Bearer {access_token}"}
        with client_span("GET", ESIA, what) as call:  # the trace ends here: Gosuslugi needs to know nothing of it
            response = await self._http.get(self._url + path, headers=headers)
            call.answered(response.status_code)
        return _answer(response)

    async def _signed(self, state: str, now: datetime) -> dict[str, str]:
        timestamp = now.astimezone(UTC).strftime("%Y.%m.%d %H:%M:%S +0000")
        client_secret = await asyncio.to_thread(self._client.secret, SCOPE, timestamp, state)  # RSA takes its time
        return {
            "client_id": self._client.client_id,
            "client_secret": client_secret,
            "redirect_uri": self._redirect_uri,
            "scope": SCOPE,
            "state": state,
            "timestamp": timestamp,
        }


def _answer(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises the refusal that an error stands for; its text is not kept or logged."""
    if response.status_code in NOTHING_THERE and response.request.method == "GET":
        return {}
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or response.status_code >= 500:
        log.warning("esia_unavailable", status=response.status_code)
        raise EsiaUnavailable
    if not response.is_success:
        number = body.get("error_description") or f"{body.get('code')}"
        refusal = refusal_of(str(body.get("error")), str(number))
        log.warning("esia_refused", status=response.status_code, refusal=refusal.code, esia_code=str(refusal))
        raise refusal
    return body


def _elements(collection: Element) -> list[Element]:
    elements = collection.get("elements") or []
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise EsiaUnavailable
    return elements


def _required_text(tokens: Mapping[str, Any], name: str) -> str:
    value = tokens.get(name)
    if not isinstance(value, str):
        raise EsiaRefused(name)
    return value
