"""A card's policy of compulsory medical insurance (ОМС) as an Identifier and as FHIR's Coverage."""

from uuid import UUID, uuid5

from medonline_contracts.cards import PatientCardState
from medonline_contracts.fhir.element import Element, concept, element, first_said, reference, use
from medonline_contracts.fhir.systems import ACTS, DATA_ABSENT_REASON, IDENTIFIER_TYPES, OMS_POLICY, SOURCES_OF_PAYMENT


def policy_identifier(card: PatientCardState) -> Element | None:
    """The policy's number: the unified one (ЕНП), or of an old policy its series and number."""
    confirmed, stated = card.person.confirmed, card.person.stated
    policy = confirmed.oms_policy if confirmed else None
    said = first_said(policy.enp, " ".join(filter(None, (policy.series, policy.number)))) if policy else None
    if not (value := first_said(said, stated.enp if stated else None)):
        return None
    type_ = concept((IDENTIFIER_TYPES, "SB", "Social Beneficiary Identifier"), text="Полис ОМС")
    return element(use=use(said and policy and policy.verified), type=type_, system=OMS_POLICY, value=value)


def coverage(card_id: str, card: PatientCardState) -> Element | None:
    """The insurance that the policy gives; None where no number is known."""
    if not (identifier := policy_identifier(card)):
        return None
    return element(
        resourceType="Coverage",
        id=str(uuid5(UUID(card_id), "coverage")),
        identifier=[identifier],
        status="active",
        type=concept(
            (ACTS, "PUBLICPOL", "public healthcare"),
            (SOURCES_OF_PAYMENT, "1", "Средства обязательного медицинского страхования"),
        ),
        subscriberId=identifier["value"],
        beneficiary=reference(card_id, "Patient"),
        payor=[_payor(card)],
    )


def _payor(card: PatientCardState) -> Element:
    """The insurer by name: no number of theirs is known. FHIR wants a payor even where nobody named one."""
    confirmed, stated = card.person.confirmed, card.person.stated
    policy = confirmed.oms_policy if confirmed else None
    if insurer := first_said(policy.insurer if policy else None, stated.insurer if stated else None):
        return element(type="Organization", display=insurer)
    return element(extension=[element(url=DATA_ABSENT_REASON, valueCode="unknown")], display="не указана")
