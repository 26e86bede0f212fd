"""The regions that this deployment serves, and where each of them keeps its services.

The catalogue of all subjects of the federation is the contracts'; a JSON file says which are open.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from medonline_contracts.regions import REGIONS, Region


class MedicalService(StrEnum):
    """A service of the region that a patient card opens; the value stands in the address."""

    APPOINTMENT = "appointment"
    CONSULTATION = "consultation"
    HOME_VISIT = "home-visit"
    SCREENING = "screening"

    @property
    def label(self) -> str:
        """As the manual's buttons and links have it."""
        return _LABELS[self]


_LABELS = {
    MedicalService.APPOINTMENT: "Записать на прием",
    MedicalService.CONSULTATION: "Онлайн-консультация врача",
    MedicalService.HOME_VISIT: "Вызвать врача на дом",
    MedicalService.SCREENING: "Запись на диспансеризацию",
}


def _known_code(code: str) -> str:
    if code not in REGIONS:
        raise ValueError(f"{code} is no code of the catalogue")
    return code


def _address(address: str) -> str:
    parts = urlsplit(address)
    if not (parts.scheme in ("http", "https") and parts.netloc) and not address.startswith("/"):
        raise ValueError("a service's address is http(s)://… or a path of the portal")
    return address


class OpenRegion(BaseModel):
    """A region that is open, with the addresses of its services; a service without one is not offered online yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: Annotated[str, AfterValidator(_known_code)]
    services: dict[MedicalService, Annotated[str, AfterValidator(_address)]] = {}

    @property
    def name(self) -> str:
        """The official name."""
        return REGIONS[self.code].name

    def address_of(self, service: MedicalService, card_id: str) -> str | None:
        """Where the service is asked for, for this patient card; null where the region has no address."""
        if (address := self.services.get(service)) is None:
            return None
        parts = urlsplit(address)
        return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("card_id", card_id)])))


class RegionFile(BaseModel):
    """The file that an operator writes."""

    model_config = ConfigDict(extra="forbid")
    open: list[OpenRegion]


class OpenRegions:
    """Which regions are open, by code, in the order of the file."""

    def __init__(self, regions: list[OpenRegion]) -> None:
        self._by_code = {region.code: region for region in regions}

    @classmethod
    def load(cls, path: Path) -> "OpenRegions":
        """Read the file; raises `ValidationError` where it names an unknown region or a wrong address."""
        return cls(RegionFile.model_validate_json(path.read_bytes()).open)

    def __iter__(self) -> Iterator[OpenRegion]:
        return iter(self._by_code.values())

    def get(self, code: str) -> OpenRegion | None:
        """The open region with this code."""
        return self._by_code.get(code)

    def names(self, address: str) -> bool:
        """Whether it is the address of a service of any open region."""
        return any(address == urlsplit(one).path for region in self for one in region.services.values())

    @property
    def not_yet(self) -> list[Region]:
        """The regions of the catalogue that are not open, by name."""
        return sorted((one for one in REGIONS.values() if one.code not in self._by_code), key=lambda one: one.name)
