"""HAPI, the reference validator, on R4 itself: our Bundles have no errors, and the page keeps all that it says."""

import pytest

from medonline_contracts.fhir import bundle_of
from medonline_contracts.fhir.element import Element
from tests.fhir.findings import found_in, on_page, section
from tests.fhir.people import BUNDLES, OWN_CARD, own_card


def spoilt() -> Element:
    """A Bundle that says what FHIR does not know."""
    bundle = bundle_of(OWN_CARD, own_card())
    bundle["entry"][0]["resource"]["gender"] = "мужской"
    return bundle


@pytest.mark.timeout(600)  # Java reads all of R4 first, which takes most of a minute where nothing else runs
def test_hapi_finds_no_error_in_any_kind_of_card_and_the_page_keeps_what_it_says(hapi: None) -> None:
    *found, of_spoilt = found_in([*BUNDLES.values(), spoilt()])
    by_bundle = dict(zip(BUNDLES, found, strict=True))
    assert [finding for findings in found for finding in findings if finding[0] in ("error", "fatal")] == []
    assert [finding[1] for finding in of_spoilt if finding[0] == "error"]  # it does look
    assert section(by_bundle) == on_page(), "write it anew: python -m tests.fhir.findings"
