"""The Kafka door of the patient cards: what Gosuslugi said and what holders stated, folded into the views."""

from collections.abc import Iterable

from eventlog.projection import Projection
from eventlog.projector import Write
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.topics import CARDS_EVENTS, IDENTITY_EVENTS
from services.cards.consents import CONSENTS, project_consent
from services.cards.history import CARD_HISTORY, project_history
from services.cards.views import PATIENT_CARDS, project_card


def project(envelope: Envelope[Event]) -> Iterable[Write]:
    """All that an event writes into the views of this service; the history first, since readers wait for the card."""
    yield from project_history(envelope)
    yield from project_card(envelope)
    yield from project_consent(envelope)


VIEW = Projection(
    "cards.view",
    (IDENTITY_EVENTS, CARDS_EVENTS),
    project,
    {PATIENT_CARDS: ("account_id",), CARD_HISTORY: ("card_id",), CONSENTS: ("account_id",)},
)
