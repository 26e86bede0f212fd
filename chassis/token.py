"""The access token: what identity says of a signed-in person to the services, for at most a minute.

The gateway fetches it from identity and passes it on as `x-access-token`; a service believes no other header.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.problem import Problem
from chassis.traces import client_span

HEADER = "x-access-token"
ISSUER = "identity"
LIFETIME = timedelta(seconds=60)
FRESH_FOR = timedelta(minutes=10)
ALGORITHM = "EdDSA"
LEEWAY_SECONDS = 5
KEYS_KEPT = timedelta(minutes=5)
KEYS_BELIEVED = timedelta(hours=1)
KEYS_ASKED_EVERY = timedelta(seconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class AccessToken(BaseModel):
    """The claims: account (`sub`), session (`sid`), how (`amr`: esia or pwd) and when the person proved who they are.

    `auth_time` is when Gosuslugi was shown that proof, which can be long before the session was opened here.
    `consent_due`: a new text of the consent has to be agreed to first.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: str
    sid: str
    amr: list[str]
    auth_time: int
    consent_due: bool

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.sub

    def fresh(self, now: datetime) -> bool:
        """Proved at Gosuslugi, for this session, within the last ten minutes."""
        return "esia" in self.amr and now - datetime.fromtimestamp(self.auth_time, UTC) <= FRESH_FOR


class TokenVerifier:
    """Checks tokens against the issuer's published keys (JWKS), fetched when needed and `kept` for a while.

    While the issuer does not answer, the keys of before are believed, for an hour at most.
    """

    def __init__(
        self, issuer_url: str, issuer: str = ISSUER, audience: str | None = None, *, kept: timedelta = KEYS_KEPT
    ) -> None:
        self._url = f"{issuer_url}/.well-known/jwks.json"
        self._issuer = issuer
        self._audience = audience
        self._kept = kept
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._asked_at = _NEVER
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, now: datetime) -> dict[str, object]:
        """The claims.

        Raises `jwt.InvalidTokenError` where the token is not the issuer's or has expired, `httpx.HTTPError` where there
        are no keys to check it by.
        """
        key_id = jwt.get_unverified_header(token).get("kid", "")
        if key_id not in self._keys or now - self._fetched_at > self._kept:
            async with self._fetching:  # those who come meanwhile wait for the same answer
                await self._fetch(now)
        if key_id not in self._keys:
            raise jwt.InvalidTokenError("unknown key")
        claims: dict[str, object] = jwt.decode(
            token,
            self._keys[key_id],
            algorithms=[ALGORITHM],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "sub"]},
        )
        return claims

    async def _fetch(self, now: datetime) -> None:
        if now - self._fetched_at > KEYS_BELIEVED:
            self._keys = {}
        if now - self._asked_at < KEYS_ASKED_EVERY:  # an unknown key id must not make us ask again and again
            if not self._keys:
                raise httpx.TransportError("the keys could not be had a moment ago")
            return
        self._asked_at = now
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                with client_span("GET", self._issuer, "keys") as call:
                    answer = await client.get(self._url, headers=call.headers)
                    call.answered(answer.status_code)
                answer.raise_for_status()
                published = answer.json()["keys"]
        except httpx.HTTPError:
            if not self._keys:
                raise
            return
        self._keys = {key["kid"]: jwt.PyJWK(key) for key in published}
        self._fetched_at = now


async def _access_token(
    request: Request, token: Annotated[str | None, Header(alias=HEADER, include_in_schema=False)] = None
) -> AccessToken | None:
    if not token:
        return None
    verifier: TokenVerifier = request.app.state.token_verifier
    try:
        return AccessToken.model_validate(await verifier.verify(token, datetime.now(UTC)))
    except (jwt.InvalidTokenError, ValidationError):
        return None
    except httpx.HTTPError:
        detail = "Сервис временно недоступен. Попробуйте ещё раз через минуту."
        raise Problem(503, "unavailable", detail) from None


async def _required(token: Annotated[AccessToken | None, Depends(_access_token)]) -> AccessToken:
    if token is None:
        raise Problem(401, "sign-in-required", "Войдите, чтобы продолжить.")
    if token.consent_due:
        raise consent_required()
    return token


def consent_required() -> Problem:
    """For whoever has to read a new text first: until then nothing of theirs is shown or changed."""
    detail = "Согласие на обработку персональных данных изменилось. Прочитайте новый текст и решите ещё раз."
    return Problem(403, "consent-required", detail)


MaybeSignedIn = Annotated[AccessToken | None, Depends(_access_token)]
SignedIn = Annotated[AccessToken, Depends(_required)]
Clock = Callable[[], datetime]
