"""A consent to the processing of personal data (152-ФЗ, art. 9) as FHIR's Consent."""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from medonline_contracts.fhir.element import Element, concept, element, instant, reference
from medonline_contracts.fhir.systems import ACTS, CONSENT_SCOPES, URI
from medonline_contracts.identity import ConsentText

_LAW = "Федеральный закон от 27.07.2006 № 152-ФЗ «О персональных данных», статья 9"


class Given(Protocol):
    """What of a `ConsentGiven` is told on: all but the evidence of where it was given from."""

    @property
    def consent(self) -> ConsentText: ...
    @property
    def given_at(self) -> datetime: ...


def consent(card_id: str, given: Given) -> Element:
    """The consent of the person whose own card this is: they are its grantor."""
    text = given.consent
    person = reference(card_id, "Patient")
    return element(
        resourceType="Consent",
        id=str(uuid5(UUID(card_id), f"consent:{text.id}:{text.version}")),
        status="active",
        scope=concept((CONSENT_SCOPES, "patient-privacy", "Privacy Consent")),
        category=[
            concept((ACTS, "ICOL", "information collection")),
            concept((ACTS, "IDSCL", "information disclosure")),
        ],
        patient=person,
        dateTime=instant(given.given_at),
        performer=[person],
        sourceReference=_text(text),
        policyRule=element(text=_LAW),
        provision=element(type="permit", period=element(start=instant(given.given_at))),
    )


def _text(text: ConsentText) -> Element:
    """The very text that was agreed to, named by the hash of its bytes (RFC 6920)."""
    digest = urlsafe_b64encode(bytes.fromhex(text.sha256)).rstrip(b"=").decode()
    return element(
        type="DocumentReference",
        identifier=element(system=URI, value=f"ni:///sha-256;{digest}"),
        display=f"{text.id}, версия {text.version}",
    )
