"""Identity, the HTTP door: the session that the browser's cookie stands for."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from chassis.local_path import LONGEST, local_path
from eventlog.process import wait_until
from services.identity.api.access import access_token_of
from services.identity.api.desk import CurrentSession, Desk

router = APIRouter(prefix="/api/identity", tags=["sessions"])

LocalPath = Annotated[str, Query(max_length=LONGEST), AfterValidator(local_path)]


class PasswordGrant(BaseModel):
    """The grant that settings gave for a right login and password."""

    grant: str = Field(min_length=1, max_length=4_096)


class OpenedSession(BaseModel):
    """Whose session was opened, and whether a new consent text has to be shown first."""

    account_id: str
    consent_due: bool


class SessionView(BaseModel):
    """The session; `auth_time` is when its person proved who they are, `fresh` at Gosuslugi in the last ten minutes."""

    account_id: str
    session_id: str
    amr: list[str]
    auth_time: datetime
    fresh: bool
    consent_due: bool


class EndedSession(BaseModel):
    """Where to send the browser, so that the session at Gosuslugi ends too."""

    logout_url: str


class PasswordEffect(BaseModel):
    """Whether every session of before that password has ended."""

    applied: bool


@router.post("/sessions", status_code=201)
async def open_session(body: PasswordGrant, request: Request, response: Response, desk: Desk) -> OpenedSession:
    """Open a session by password. 401 `grant-refused`."""
    opened = await desk.password_sign_in.redeem(body.grant, desk.session_cookie.read(request))
    desk.session_cookie.write(response, opened.secret)
    return OpenedSession(account_id=opened.account_id, consent_due=opened.consent_due)


@router.get("/session")
async def read_session(session: CurrentSession, desk: Desk) -> SessionView:
    """Who is signed in."""
    return SessionView(
        account_id=session.account_id,
        session_id=session.sid,
        amr=list(session.amr),
        auth_time=session.auth_time,
        fresh=access_token_of(session).fresh(desk.clock()),
        consent_due=session.consent_due,
    )


@router.delete("/session")
async def end_session(
    request: Request, response: Response, desk: Desk, return_to: LocalPath = "/?notice=signed-out"
) -> EndedSession:
    """Sign out here, at once; the address answered with does the same at Gosuslugi and leads back to `return_to`.

    What this browser began at Gosuslugi before can be completed by nobody any more.
    """
    if secret := desk.session_cookie.read(request):
        await desk.sessions.end(secret)
    desk.session_cookie.clear(response)
    desk.browser_cookie.clear(response)
    return EndedSession(logout_url=desk.esia.logout_url(f"{desk.portal_origin}{return_to}"))


@router.get("/password")
async def read_password_effect(
    version: Annotated[int, Query(ge=1, le=1_000_000_000)], session: CurrentSession, desk: Desk
) -> PasswordEffect:
    """Whether the password of this version has ended the other sessions; waits for it up to two seconds."""

    async def applied() -> bool:
        return await desk.sessions.credential_floor(session.account_id) >= version

    return PasswordEffect(applied=await wait_until(applied))
