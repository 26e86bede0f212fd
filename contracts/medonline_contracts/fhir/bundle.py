"""A patient card as a FHIR R4 Bundle: Patient, and with it RelatedPerson, Coverage and Consent where there are such."""

from collections.abc import Iterable, Sequence

from medonline_contracts.cards import PatientCardState, Relation
from medonline_contracts.fhir.consent import Given, consent
from medonline_contracts.fhir.element import Element, element, instant, urn
from medonline_contracts.fhir.person import patient, related_person
from medonline_contracts.fhir.policy import coverage


def bundle_of(
    card_id: str,
    card: PatientCardState,
    *,
    holder: PatientCardState | None = None,
    consents: Sequence[Given] = (),
) -> Element:
    """The card as a Bundle of type `collection`, plain JSON.

    `card` is what `cards.state` says under the key `card_id` (a UUID). For a relative's card `holder` is the account's
    own card, if it is known; for one's own `consents` are the `ConsentGiven` of the account.
    """
    own = card.relation is Relation.SELF
    resources = [
        patient(card_id, card),
        None if own else related_person(card_id, card, holder),
        coverage(card_id, card),
        *(consent(card_id, given) for given in (consents if own else ())),
    ]
    return element(
        resourceType="Bundle",
        type="collection",
        timestamp=_changed(card),
        entry=list(_entries(filter(None, resources))),
    )


def _entries(resources: Iterable[Element]) -> Iterable[Element]:
    return (element(fullUrl=urn(resource["id"]), resource=resource) for resource in resources)


def _changed(card: PatientCardState) -> str | None:
    times = [time for time in (card.authenticated_at, card.changed_at) if time]
    return instant(max(times)) if times else None
