"""Settings as the portal sees them: how a person is addressed and reached, and the sign-in by password."""

from typing import Any, Literal

from pydantic import BaseModel

from services.portal.clients.http import ServiceClient

NAME_SECONDS = 3.0  # a page's menu does not wait longer for the person's name
PASSWORD_SECONDS = 20.0  # hashing gives way to all else (decision 12); the gateway waits for 30


LoginState = Literal["login", "shared", "unconfirmed", "absent"]


class ConfirmedContacts(BaseModel):
    """The contacts that Gosuslugi gave, whatever is stated here; `logins` names those that one signs in by."""

    phone: str | None = None
    email: str | None = None
    logins: dict[str, LoginState] = {}


class Profile(BaseModel):
    """The settings as they stand; `logins` says of each contact whether it can be signed in with.

    `complete` is false, and names are empty, until what Gosuslugi said has arrived.
    """

    version: int
    family_name: str
    given_name: str
    phone: str | None = None
    email: str | None = None
    password_set: bool
    complete: bool
    logins: dict[str, LoginState] = {}
    confirmed: ConfirmedContacts | None = None


class Saved(BaseModel):
    """What a change came to: the settings' version, and the password's where one was set."""

    version: int
    credential_version: int | None = None


class SettingsClient(ServiceClient):
    """The person's own settings, and the door for passwords."""

    service = "settings"

    async def profile(self, account_version: int | None = None, version: int | None = None) -> Profile:
        """The profile; waits up to two seconds for the versions named."""
        params = {"account_version": account_version, "version": version}
        return Profile.model_validate_json((await self.call("GET", "/api/settings/profile", params=params)).content)

    async def name(self, account_version: str | None) -> tuple[str, str]:
        """Given and family name, for the menu; who has just registered is waited for up to two seconds."""
        params = {"account_version": account_version}
        answer = await self.call("GET", "/api/settings/profile", params=params, wait=NAME_SECONDS)
        profile = Profile.model_validate_json(answer.content)
        return profile.given_name, profile.family_name

    async def save(self, settings: dict[str, Any]) -> Saved:
        """Save the form; what is wrong comes back as a problem with messages by field."""
        answer = await self.call("PUT", "/api/settings/profile", json=settings, wait=PASSWORD_SECONDS)
        return Saved.model_validate_json(answer.content)

    async def sign_in(self, login: str, password: str) -> str:
        """A grant for identity; a 401 problem for a wrong login or password, 429 after too many."""
        said = {"login": login, "password": password}
        answer = await self.call("POST", "/api/settings/sign-ins", json=said, wait=PASSWORD_SECONDS)
        return str(answer.json()["grant"])
