"""A deployment says which regions are open and where their services are; a wrong file is refused at the start."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.services import REGIONS_FILE
from medonline_contracts.regions import REGIONS
from services.portal.regions import MedicalService, OpenRegion, OpenRegions


def read(folder: Path, *regions: dict[str, object]) -> OpenRegions:
    path = folder / "regions.json"
    path.write_text(json.dumps({"open": regions}))
    return OpenRegions.load(path)


def test_what_the_file_opens_is_open_and_the_rest_of_the_catalogue_is_not(tmp_path: Path) -> None:
    regions = read(tmp_path, {"code": "RU-STA"}, {"code": "RU-MOW"})
    assert [region.name for region in regions] == ["Ставропольский край", "Москва"]
    assert regions.get("RU-SPE") is None
    assert len(regions.not_yet) == len(REGIONS) - 2


@pytest.mark.parametrize(
    "region",
    [
        {"code": "RU-XXX"},
        {"code": "RU-STA", "services": {"pharmacy": "https://example.org"}},
        {"code": "RU-STA", "services": {"appointment": "javascript:alert(1)"}},
        {"code": "RU-STA", "services": {"appointment": "https:///nowhere"}},
    ],
)
def test_an_unknown_region_a_service_or_an_address_that_is_none_is_refused(
    tmp_path: Path, region: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        read(tmp_path, region)


def test_a_service_is_asked_for_with_the_cards_id_beside_what_its_address_holds_already() -> None:
    address = {MedicalService.APPOINTMENT: "https://example.org/go?from=portal"}
    region = OpenRegion(code="RU-STA", services=address)
    assert region.address_of(MedicalService.APPOINTMENT, "a1") == "https://example.org/go?from=portal&card_id=a1"
    assert region.address_of(MedicalService.SCREENING, "a1") is None


def test_by_default_stavropol_and_at_least_two_more_are_open() -> None:
    regions = [region.code for region in OpenRegions.load(REGIONS_FILE)]
    assert regions[0] == "RU-STA"
    assert len(regions) >= 3
