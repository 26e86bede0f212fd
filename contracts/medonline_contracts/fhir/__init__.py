"""The cards as FHIR R4, for hospital systems that speak it: `bundle_of` makes a Bundle of what the events say.

The mapping is plain JSON and needs nothing more. `medonline_contracts.fhir.models` gives it as the models of the
library fhir.resources, which the extra `medonline-contracts[fhir]` brings.
"""

from medonline_contracts.fhir.bundle import bundle_of

__all__ = ["bundle_of"]
