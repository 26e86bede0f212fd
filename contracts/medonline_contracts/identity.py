"""The events of identity: who registered, on what consent, and what Gosuslugi said of them.

Stream and key: the account's id. Topic: `identity.events`.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from medonline_contracts.envelope import Event
from medonline_contracts.person import EsiaPerson


class ConsentText(BaseModel):
    """Which text was agreed to: its id, its version and the SHA-256 of its bytes (64 hex digits)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    version: int
    sha256: str


class Grantor(BaseModel):
    """From where the consent was given: evidence that the operator has to keep (152-ФЗ, art. 9)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    address: str
    user_agent: str


class ConsentGiven(Event):
    """A person agreed to the processing of personal data; `given_at` is when the button was pressed."""

    account_id: str
    consent: ConsentText
    region: str
    given_at: datetime
    person: Grantor


class EsiaAuthenticated(Event):
    """A person signed in through Gosuslugi, and this is the whole of what it said of them.

    The first one of an account is the registration (its version is 2: the consent comes before it).
    """

    account_id: str
    region: str | None = None
    trusted: bool
    authenticated_at: datetime
    person: EsiaPerson


class PasswordChanged(Event):
    """The portal password is another one now: sessions of earlier credential versions have ended."""

    account_id: str
    credential_version: int


IdentityEvent = ConsentGiven | EsiaAuthenticated | PasswordChanged
