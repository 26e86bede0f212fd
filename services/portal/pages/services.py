"""The region's services: a patient card is chosen here and taken to the region's address for the service."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from chassis.local_path import with_query
from chassis.problem import Problem
from services.portal.card_view import RELATIONS
from services.portal.clients.cards import PatientCard
from services.portal.regions import MedicalService
from services.portal.visit import AnyVisit, Elsewhere, Personal, PersonalVisit

router = APIRouter(include_in_schema=False)


@router.get("/services/{service}")
async def open_service(visit: Personal, service: MedicalService, card_id: str | None = None) -> Response:
    """To the region's address with the card's id; asks «Для кого?» where there are several cards."""
    if visit.region is None:
        raise Elsewhere(with_query("/regions", notice="choose-region", return_to=visit.here))
    cards = (await visit.cards.all()).cards
    chosen = [card for card in cards if card_id in (None, card.card_id)]
    if card_id is not None and not chosen:
        raise Problem(404, "card-not-found", "Такой карты нет. Выберите карту на странице «Мои карты».")
    if len(chosen) != 1:
        return visit.page("service_for_whom.html", service=service, cards=chosen, relations=RELATIONS)
    return _opened(visit, service, chosen[0])


@router.get("/demo-services/{service}")
async def demonstration(visit: AnyVisit, service: MedicalService, card_id: str = "") -> Response:
    """What stands at the address of a service where a real one is not at hand; nothing, where no region names it."""
    if not visit.portal.regions.names(visit.request.url.path):
        raise Problem(404, "not-found", "Такой страницы нет.")
    return visit.page("demo_service.html", service=service, card_id=card_id)


def _opened(visit: PersonalVisit, service: MedicalService, card: PatientCard) -> Response:
    assert visit.region is not None  # noqa: S101  checked above
    if (address := visit.region.address_of(service, card.card_id)) is None:
        return visit.page("service_absent.html", service=service, region=visit.region)
    return RedirectResponse(address, 303)
