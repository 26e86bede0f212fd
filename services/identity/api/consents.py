"""Identity, the HTTP door: the consent texts, every version at its own address, and consenting while signed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel
from pymongo.asynchronous.client_session import AsyncClientSession

from chassis.http import origin_of
from chassis.problem import Problem
from services.identity.api.desk import AgreedText, CurrentSession, Desk, IdentityDesk, RegionCode, grantor_of
from services.identity.consent_texts import PublishedText
from services.identity.domain import GiveConsent

router = APIRouter(prefix="/api/identity/consents", tags=["consents"])

# Said and not checked: whatever else stands there is a text that there is not.
ConsentId = Annotated[str, Path(json_schema_extra={"pattern": "^[a-z0-9-]+$"})]
Version = Annotated[int, Path(ge=1, le=1_000_000)]


class ConsentTextView(BaseModel):
    """A text as it was published; `sha256` is that of its UTF-8 bytes."""

    id: str
    version: int
    sha256: str
    text: str

    @classmethod
    def of(cls, published: PublishedText) -> "ConsentTextView":
        """The view of a published text."""
        return cls(**published.consent.model_dump(), text=published.raw.decode())


class Consenting(AgreedText):
    """A signed-in person agrees to the current text."""

    region: RegionCode | None = None


class Consented(BaseModel):
    """The account's version after the consent."""

    version: int


@router.get("/current")
async def read_current_consent(desk: Desk) -> ConsentTextView:
    """The text that is asked for today."""
    return ConsentTextView.of(desk.texts.current)


@router.get("/{consent_id}/{version}")
async def read_consent(consent_id: ConsentId, version: Version, desk: Desk) -> ConsentTextView:
    """A text as it stood in that version."""
    return ConsentTextView.of(_published(desk, consent_id, version))


@router.get("/{consent_id}/{version}/text", response_class=Response)
async def read_consent_text(consent_id: ConsentId, version: Version, desk: Desk) -> Response:
    """The very bytes that the hash is taken of."""
    return Response(_published(desk, consent_id, version).raw, media_type="text/plain; charset=utf-8")


@router.post("", status_code=201)
async def give_consent(body: Consenting, request: Request, desk: Desk, session: CurrentSession) -> Consented:
    """Agree to the current text; from now on none of the account's sessions is asked for it."""
    command = GiveConsent(body.region, body.as_text(), desk.texts.current.consent, grantor_of(request))

    async def write(transaction: AsyncClientSession) -> None:
        await desk.sessions.consent_given(session.account_id, transaction)

    account = await desk.accounts.give_consent(session.account_id, command, desk.clock(), origin_of(request), write)
    return Consented(version=account.version)


def _published(desk: IdentityDesk, consent_id: str, version: int) -> PublishedText:
    if not (published := desk.texts.find(consent_id, version)):
        raise Problem(404, "consent-not-found", "Такого текста согласия нет.")
    return published
