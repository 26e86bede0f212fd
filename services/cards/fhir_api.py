"""The HTTP door through which a card comes as FHIR R4: `/api/cards/{id}/fhir`."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from chassis.token import SignedIn
from medonline_contracts.cards import PatientCardState, holder_card_id
from medonline_contracts.fhir import bundle_of
from services.cards.api import CardsDesk, Desk, found_card
from services.cards.state import card_state
from services.cards.views import is_removed

router = APIRouter(prefix="/api/cards", tags=["cards"])


class FhirJson(JSONResponse):
    """FHIR's own media type."""

    media_type = "application/fhir+json"


@router.get("/{card_id}/fhir", response_class=FhirJson)
async def read_card_as_fhir(card_id: UUID, signed_in: SignedIn, desk: Desk) -> FhirJson:
    """The card as a FHIR R4 Bundle: Patient, and RelatedPerson, Coverage and Consent where there are such."""
    account_id = signed_in.account_id
    card = card_state(await found_card(card_id, account_id, desk))
    own_card_id = holder_card_id(account_id)
    if str(card_id) == own_card_id:
        return FhirJson(bundle_of(own_card_id, card, consents=await desk.consents.of_account(account_id)))
    return FhirJson(bundle_of(str(card_id), card, holder=await _own_card(own_card_id, account_id, desk)))


async def _own_card(own_card_id: str, account_id: str, desk: CardsDesk) -> PatientCardState | None:
    """Who keeps the card, if their own card is there to say it."""
    document = await desk.cards.one(account_id, own_card_id)
    return card_state(document) if document and "confirmed" in document and not is_removed(document) else None
