"""Identity, the HTTP door: the way to Gosuslugi and back. An attempt belongs to the browser that began it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, BaseModel, Field, model_validator

from chassis.http import client_address, origin_of
from chassis.local_path import local_path
from services.identity.api.cookies import new_secret
from services.identity.api.desk import AgreedText, Desk, IdentityDesk, RegionCode, grantor_of
from services.identity.attempts import Evidence, Purpose
from services.identity.esia.answer import Code, Failure

router = APIRouter(prefix="/api/identity/attempts", tags=["attempts"])

# Said and not checked: whatever else stands there is an unknown attempt, as a forged `state` is.
AttemptId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]


class NewAttempt(BaseModel):
    """Why a person goes to Gosuslugi. Registering needs the region and the consent that was just agreed to."""

    purpose: Purpose
    region: RegionCode | None = None
    consent: AgreedText | None = None
    return_to: Annotated[str, Field(max_length=2_000), AfterValidator(local_path)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.purpose == "registration" and (self.region is None or self.consent is None):
            raise ValueError("Для регистрации нужны регион и согласие")
        return self


class BegunAttempt(BaseModel):
    """An attempt and until when it can be completed."""

    attempt_id: str
    expires_at: datetime


class AuthorizationUrl(BaseModel):
    """Where to send the browser."""

    authorization_url: str


class EsiaAnswer(BaseModel):
    """What Gosuslugi sent the browser back with: a one-time code, or an error."""

    code: str | None = Field(None, min_length=1, max_length=4_096)
    error: str | None = Field(None, min_length=1, max_length=200)
    error_description: str = Field("", max_length=2_000)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.error is None):
            raise ValueError("Ожидается либо код, либо ошибка")
        return self

    def as_answer(self) -> Code | Failure:
        """As the way through Gosuslugi takes it."""
        return Failure(self.error or "", self.error_description) if self.code is None else Code(self.code)


class CompletedAttempt(BaseModel):
    """Who is signed in now; a view of the account that has seen `version` is up to date."""

    account_id: str
    version: int
    outcome: Literal["registered", "signed_in"]
    region: str | None
    return_to: str | None
    consent_due: bool


@router.post("", status_code=201)
async def begin_attempt(body: NewAttempt, request: Request, response: Response, desk: Desk) -> BegunAttempt:
    """Begin an attempt.

    409 `consent-changed` where the text that was shown is no longer the current one; 429 `too-many-attempts`, with
    `Retry-After`, where too many were begun from this address.
    """
    await desk.attempt_limit.count(client_address(request), desk.clock())
    browser = desk.browser_cookie.read(request) or new_secret()
    evidence = _evidence(body, request, desk)
    attempt_id, expires_at = await desk.esia_sign_in.begin(body.purpose, body.region, body.return_to, evidence, browser)
    desk.browser_cookie.write(response, browser)
    return BegunAttempt(attempt_id=attempt_id, expires_at=expires_at)


@router.delete("", status_code=204)
async def forget_attempts(request: Request, desk: Desk) -> None:
    """«Нет, я отказываюсь»: nothing stays of what this browser began and did not finish."""
    if browser := desk.browser_cookie.read(request):
        await desk.attempts.forget(browser)


@router.post("/{attempt_id}/authorization")
async def authorize_attempt(attempt_id: AttemptId, request: Request, desk: Desk) -> AuthorizationUrl:
    """The address at Gosuslugi for this attempt.

    404 `attempt-unknown`, 409 `other-browser`; 429 `too-many-attempts`, with `Retry-After`, where it was asked
    for too often from this address.
    """
    await desk.attempt_limit.count_signed(client_address(request), desk.clock())
    url = await desk.esia_sign_in.authorization_url(attempt_id, desk.browser_cookie.read(request))
    return AuthorizationUrl(authorization_url=url)


@router.post("/{attempt_id}/completion")
async def complete_attempt(
    attempt_id: AttemptId, body: EsiaAnswer, request: Request, response: Response, desk: Desk
) -> CompletedAttempt:
    """Complete the attempt with what Gosuslugi sent back, and open the session; the same again has the same answer.

    409 `attempt-used` for anything else than what completed it.
    """
    completed = await desk.esia_sign_in.complete(
        attempt_id,
        desk.browser_cookie.read(request),
        body.as_answer(),
        desk.session_cookie.read(request),
        origin_of(request),
    )
    desk.session_cookie.write(response, completed.secret)
    return CompletedAttempt(
        account_id=completed.account_id,
        version=completed.version,
        outcome=completed.outcome,
        region=completed.region,
        return_to=completed.return_to,
        consent_due=completed.consent_due,
    )


def _evidence(body: NewAttempt, request: Request, desk: IdentityDesk) -> Evidence | None:
    if body.purpose != "registration" or body.consent is None:
        return None
    return Evidence(body.consent.as_text(), desk.clock(), grantor_of(request))
