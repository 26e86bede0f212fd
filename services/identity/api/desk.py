"""Identity, the HTTP door: what the handlers work with, and who is asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, Field

from chassis.http import client_address
from chassis.problem import Problem
from chassis.signing import Signer
from chassis.token import Clock
from medonline_contracts.identity import ConsentText, Grantor
from medonline_contracts.regions import REGIONS
from services.identity.accounts import Accounts
from services.identity.api.cookies import Cookie
from services.identity.attempt_limit import AttemptLimit
from services.identity.attempts import Attempts
from services.identity.consent_texts import ConsentTexts
from services.identity.esia.port import Esia
from services.identity.esia_sign_in import EsiaSignIn
from services.identity.password_sign_in import PasswordSignIn
from services.identity.sessions import Session, Sessions

USER_AGENT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class IdentityDesk:
    """What the handlers work with; `main` puts it into the application's state as `identity`."""

    texts: ConsentTexts
    accounts: Accounts
    attempts: Attempts
    attempt_limit: AttemptLimit
    sessions: Sessions
    esia: Esia
    esia_sign_in: EsiaSignIn
    password_sign_in: PasswordSignIn
    signer: Signer
    portal_origin: str
    clock: Clock

    @property
    def session_cookie(self) -> Cookie:
        """The cookie that says who is signed in."""
        return Cookie("session", self._secure)

    @property
    def browser_cookie(self) -> Cookie:
        """The cookie that says which attempts are this browser's."""
        return Cookie("browser", self._secure)

    @property
    def _secure(self) -> bool:
        return self.portal_origin.startswith("https://")


async def _desk(request: Request) -> IdentityDesk:
    desk: IdentityDesk = request.app.state.identity
    return desk


Desk = Annotated[IdentityDesk, Depends(_desk)]


async def find_session(request: Request, desk: Desk) -> Session | None:
    """The session of the request's cookie."""
    return await desk.sessions.find(desk.session_cookie.read(request), desk.clock())


async def _require_session(session: Annotated[Session | None, Depends(find_session)]) -> Session:
    if session is None:
        raise Problem(401, "sign-in-required", "Войдите, чтобы продолжить.")
    return session


CurrentSession = Annotated[Session, Depends(_require_session)]


def grantor_of(request: Request) -> Grantor:
    """From where a consent is given."""
    return Grantor(
        address=client_address(request), user_agent=request.headers.get("user-agent", "")[:USER_AGENT_LENGTH]
    )


def _known_region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError("Выберите регион")
    return code


RegionCode = Annotated[str, AfterValidator(_known_region)]


class AgreedText(BaseModel):
    """The text that a form showed: it is agreed to as it stood there, to the byte."""

    id: str = Field(max_length=100)
    version: int = Field(ge=1, le=1_000_000)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    def as_text(self) -> ConsentText:
        """As the contracts have it."""
        return ConsentText(id=self.id, version=self.version, sha256=self.sha256)
