"""Parts that every FHIR resource is made of, as plain JSON: what is absent is left out, as FHIR has no nulls."""

from datetime import datetime
from typing import Any

from medonline_contracts.fhir.systems import URI

Element = dict[str, Any]


def element(**parts: Any) -> Element:
    """An element of those parts that there are, by FHIR's names; a blank text is none (FHIR R4, string)."""
    return {name: part for name, part in parts.items() if part not in (None, [], {}) and str(part).strip()}


def first_said(*texts: str | None) -> str | None:
    """The first of the texts that is there and not blank."""
    return next((text for text in texts if text and text.strip()), None)


def concept(*codings: tuple[str, str, str], text: str | None = None) -> Element:
    """A CodeableConcept of (system, code, display) codings."""
    named = [element(system=system, code=code, display=display) for system, code, display in codings]
    return element(coding=named, text=text)


def own_identifier(uuid: str) -> Element:
    """An id of ours, which is a UUID, as an Identifier."""
    return element(system=URI, value=urn(uuid))


def reference(uuid: str, type_: str) -> Element:
    """A reference to the resource of that UUID in the same Bundle."""
    return element(reference=urn(uuid), type=type_)


def use(confirmed: object) -> str:
    """An identifier's or a name's `use`: official is the one most trusted, usual any other in use."""
    return "official" if confirmed else "usual"


def urn(uuid: str) -> str:
    """The UUID as a URI (RFC 9562)."""
    return f"urn:uuid:{uuid}"


def instant(time: datetime) -> str:
    """FHIR's instant: a time to the millisecond with its offset."""
    return time.isoformat(timespec="milliseconds")
