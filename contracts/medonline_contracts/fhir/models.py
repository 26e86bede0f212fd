"""A Bundle as a model of fhir.resources (the extra `fhir`). It has no R4; R4B differs in none of these resources."""

from fhir.resources.R4B.bundle import Bundle

from medonline_contracts.fhir.element import Element


def model_of(bundle: Element) -> Bundle:
    """The typed Bundle; raises pydantic's `ValidationError` where it is none."""
    return Bundle.model_validate(bundle)
