"""The cards as FHIR R4, for hospital systems that speak it: `bundle_of` makes a Bundle of what the events say.

The mapping is plain JSON and needs nothing more; the library fhir.resources takes it as it is (its R4B models).
"""

from medonline_contracts.fhir.bundle import bundle_of

__all__ = ["bundle_of"]
