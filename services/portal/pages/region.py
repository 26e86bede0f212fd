"""Pages of the regions: the start page, the choice, and each region's main page. `/api/regions` for other frontends."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis.local_path import local_path_or, with_query
from chassis.problem import Problem
from medonline_contracts.regions import REGIONS
from services.portal.errors import LIST_OF_REGIONS, error_page
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
async def choose(visit: AnyVisit, return_to: str = "") -> Response:
    """The choice, at any time; with `return_to` it leads on to there."""
    return _choice(visit, local_path_or(return_to, ""))


@router.get("/regions/{code}", include_in_schema=False)
async def region_page(visit: AnyVisit, code: str, return_to: str = "") -> Response:
    """A region's main page; opening it remembers the region. Who was on the way elsewhere goes on."""
    if (region := visit.portal.regions.get(code)) is not None:
        visit.region = region
        wanted = local_path_or(return_to, "")
        response = visit.redirect(wanted) if wanted else visit.page("region.html", region=region)
        visit.remember_region(response, region)
        return response
    if code not in REGIONS:
        raise Problem(404, "region-unknown", "Такого региона нет. Выберите регион из списка.")
    detail = f"{REGIONS[code].name} пока не подключён к порталу. Выберите другой регион из списка."
    return error_page(visit, 404, detail, "Регион пока не подключён", LIST_OF_REGIONS)


@router.get("/api/regions")
async def region_listings(request: Request) -> RegionListings:
    """The catalogue of regions (ISO 3166-2:RU codes), and which of them are open here."""
    regions = portal_of(request).regions
    listings = [
        RegionListing(code=one.code, name=one.name, open=regions.get(one.code) is not None) for one in REGIONS.values()
    ]
    return RegionListings(regions=listings)


def _choice(visit: Visit, return_to: str = "") -> Response:
    links = [
        (region, with_query(f"/regions/{region.code}", return_to=return_to or None)) for region in visit.portal.regions
    ]
    return visit.page("regions.html", links=links, not_yet=visit.portal.regions.not_yet)
