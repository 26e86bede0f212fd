"""The HTTP door of settings: the profile of the person who is signed in, and signing in by password."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, SecretStr

from chassis.http import client_address, origin_of
from chassis.token import Clock, SignedIn
from eventlog.process import wait_until
from services.settings.changes import Asker, Changes
from services.settings.form import SettingsForm
from services.settings.policy import LONGEST
from services.settings.problems import refusals_as_problems
from services.settings.shown_profile import ShownProfile, shown_profile
from services.settings.sign_in import SignIn
from services.settings.views import AccountProfile, Profiles

Version = Annotated[int | None, Query(ge=0)]


class SavedProfile(BaseModel):
    """`version` of the settings now; `credential_version` of the password where the form set one."""

    version: int
    credential_version: int | None


class SignInForm(BaseModel):
    """A phone, an e-mail or СНИЛС in any usual writing, and the portal password."""

    login: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


class Grant(BaseModel):
    """A signed word for identity, good once and for 30 seconds."""

    grant: str


def profile_router(profiles: Profiles, changes: Changes, clock: Clock) -> APIRouter:
    """`/api/settings/profile`."""
    router = APIRouter(prefix="/api/settings", tags=["profile"])

    @router.get("/profile")
    async def profile(token: SignedIn, account_version: Version = None, version: Version = None) -> ShownProfile:
        """The settings; waits up to two seconds for the versions named."""
        document: AccountProfile

        async def arrived() -> bool:
            nonlocal document
            document = await profiles.of(token.account_id)
            return document.account_version >= (account_version or 0) and document.version >= (version or 0)

        complete = await wait_until(arrived)
        logins = document.confirmed.logins if document.confirmed else []
        shared = await profiles.shared(token.account_id, [login.digest for login in logins])
        return shown_profile(document, shared, complete)

    @router.put("/profile")
    async def save(form: SettingsForm, token: SignedIn, request: Request) -> SavedProfile:
        """Save the whole form; contacts and a password need the current password or a fresh sign-in."""
        now = clock()
        asker = Asker(token.account_id, token.sid, token.fresh(now))
        with refusals_as_problems():
            saved = await changes.save(asker, form, now, origin_of(request))
        return SavedProfile(version=saved.version, credential_version=saved.credential_version)

    return router


def sign_in_router(sign_in: SignIn, clock: Clock) -> APIRouter:
    """`/api/settings/sign-ins`, open to everyone."""
    router = APIRouter(prefix="/api/settings", tags=["sign-in"])

    @router.post("/sign-ins")
    async def grant(form: SignInForm, request: Request) -> Grant:
        """A grant for `POST /api/identity/sessions`, where login and password are right."""
        password, address = form.password.get_secret_value(), client_address(request)
        with refusals_as_problems():
            return Grant(grant=await sign_in.grant(form.login, password, address, clock))

    return router
