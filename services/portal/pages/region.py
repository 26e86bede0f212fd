"""Pages of the regions: the start page, the choice, and each region's main page. `/api/regions` for other frontends."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis.problem import Problem
from medonline_contracts.regions import REGIONS
from services.portal.errors import error_page
from services.portal.portal import portal_of
from services.portal.visit import AnyVisit, BareVisit, Visit

router = APIRouter()


class RegionListing(BaseModel):
    """A region of the catalogue, and whether this portal serves it."""

    code: str
    name: str
    open: bool


class RegionListings(BaseModel):
    """The whole catalogue."""

    regions: list[RegionListing]


@router.get("/", include_in_schema=False)
async def start(visit: BareVisit) -> Response:
    """The remembered region's page, or the choice."""
    if visit.region is not None:
        notice = visit.request.url.query
        return visit.redirect(f"/regions/{visit.region.code}" + (f"?{notice}" if notice else ""))
    await visit.learn_name()
    return _choice(visit)


@router.get("/regions", include_in_schema=False)
async def choose(visit: AnyVisit) -> Response:
    """The choice, at any time."""
    return _choice(visit)


@router.get("/regions/{code}", include_in_schema=False)
async def region_page(visit: AnyVisit, code: str) -> Response:
    """A region's main page; opening it remembers the region."""
    if (region := visit.portal.regions.get(code)) is not None:
        visit.region = region
        response = visit.page("region.html", region=region)
        visit.remember_region(response, region)
        return response
    if code not in REGIONS:
        raise Problem(404, "region-unknown", "Такого региона нет. Выберите регион из списка.")
    detail = f"{REGIONS[code].name} пока не подключён к порталу. Выберите другой регион из списка."
    return error_page(visit, 404, detail, "Регион пока не подключён")


@router.get("/api/regions")
async def region_listings(request: Request) -> RegionListings:
    """The catalogue of regions (ISO 3166-2:RU codes), and which of them are open here."""
    regions = portal_of(request).regions
    listings = [
        RegionListing(code=one.code, name=one.name, open=regions.get(one.code) is not None) for one in REGIONS.values()
    ]
    return RegionListings(regions=listings)


def _choice(visit: Visit) -> Response:
    return visit.page("regions.html", regions=visit.portal.regions)
