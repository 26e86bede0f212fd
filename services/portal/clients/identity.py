"""Identity as the portal sees it: consents, sign-ins through Gosuslugi, sessions."""

from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel

from services.portal.clients.http import ServiceClient

ESIA_SECONDS = 20.0  # identity asks Gosuslugi several times before it answers; the gateway waits for 30


class ConsentText(BaseModel):
    """A text of a consent; `sha256` is that of its very bytes."""

    id: str
    version: int
    sha256: str
    text: str


class Completion(BaseModel):
    """What came of a sign-in through Gosuslugi; `version` is the account's, to wait for in the views."""

    account_id: str
    version: int
    outcome: Literal["registered", "signed_in"]
    region: str | None = None
    return_to: str | None = None
    consent_due: bool = False


class IdentityClient(ServiceClient):
    """Its answers set the cookies `browser` and `session`."""

    service = "identity"

    async def current_consent(self) -> ConsentText:
        """The text that is agreed to today."""
        return ConsentText.model_validate_json((await self.call("GET", "/api/identity/consents/current")).content)

    async def consent(self, consent_id: str, version: int) -> ConsentText:
        """A text by id and version, however old."""
        path = f"/api/identity/consents/{quote(consent_id, safe='')}/{version}"
        return ConsentText.model_validate_json((await self.call("GET", path)).content)

    async def start(self, purpose: Literal["registration", "sign_in"], region: str | None, **details: object) -> str:
        """Begin an attempt; its id. Details: `consent` (id, version, sha256) or `return_to`."""
        body = {"purpose": purpose, "region": region, **details}
        answer = await self.call("POST", "/api/identity/attempts", json=body)
        return str(answer.json()["attempt_id"])

    async def forget_attempts(self) -> None:
        """Forget what this browser began: the consent was refused."""
        await self.call("DELETE", "/api/identity/attempts")

    async def authorization_url(self, attempt_id: str) -> str:
        """Where Gosuslugi asks who it is."""
        answer = await self.call("POST", f"/api/identity/attempts/{quote(attempt_id, safe='')}/authorization")
        return str(answer.json()["authorization_url"])

    async def complete(self, attempt_id: str, said: dict[str, str]) -> Completion:
        """Hand over what Gosuslugi sent back (`code`, or `error` and `error_description`); opens a session."""
        path = f"/api/identity/attempts/{quote(attempt_id, safe='')}/completion"
        answer = await self.call("POST", path, json=said, wait=ESIA_SECONDS)
        return Completion.model_validate_json(answer.content)

    async def redeem(self, grant: str) -> bool:
        """Open a session by the grant that settings gave; whether a new consent is due."""
        answer = await self.call("POST", "/api/identity/sessions", json={"grant": grant})
        return bool(answer.json()["consent_due"])

    async def end_session(self, return_to: str | None = None) -> str:
        """End the session; the address where Gosuslugi ends its own, and leads back to `return_to`."""
        answer = await self.call("DELETE", "/api/identity/session", params={"return_to": return_to})
        return str(answer.json()["logout_url"])

    async def give_consent(self, consent: dict[str, str], region: str | None) -> None:
        """Agree to a new text, signed in."""
        await self.call("POST", "/api/identity/consents", json={**consent, "region": region})

    async def password_applied(self, credential_version: int) -> bool:
        """Whether all other sessions have ended since the password became this version."""
        answer = await self.call("GET", "/api/identity/password", params={"version": credential_version})
        return bool(answer.json()["applied"])
