"""The consents of the accounts, beside their projection and their query: collection `consents`, one row a consent.

A card's FHIR Bundle says what was agreed to and when. The evidence of it (address, browser) is in the event alone, on
`identity.events`, which hospitals may read too; here it is not kept.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from eventlog.projector import Collections, Row, Write
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, ConsentText

CONSENTS = "consents"


class GivenConsent(BaseModel):
    """What was agreed to, and when."""

    consent: ConsentText
    given_at: datetime


def project_consent(envelope: Envelope[Event]) -> Iterable[Write]:
    """The row that the event adds, if a consent was given."""
    if isinstance(envelope.event, ConsentGiven):
        content = envelope.event.model_dump(mode="json", include={"account_id", "consent", "given_at"})
        yield Row(CONSENTS, f"{envelope.stream_id}:{envelope.version}", content)


class Consents:
    """The consents of an account."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of_account(self, account_id: str) -> list[GivenConsent]:
        """All of them, the earliest first."""
        rows = await self._views[CONSENTS].find({"account_id": account_id}).to_list()
        return sorted(map(GivenConsent.model_validate, rows), key=lambda given: given.given_at)
