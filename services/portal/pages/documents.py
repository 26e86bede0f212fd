"""Pages for developers: the API of the services behind the gateway, and the events on the topics."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chassis.problem import Problem
from medonline_contracts.envelope import Event
from medonline_contracts.topics import TOPICS, Topic
from services.portal.openapi_tables import operations_of
from services.portal.portal import Portal, portal_of
from services.portal.schema_tables import FieldRow, field_rows
from services.portal.visit import AnyVisit

router = APIRouter(prefix="/docs", include_in_schema=False)

SERVICES = {
    "identity": "Вход, согласия и сеансы",
    "cards": "Карты пациента",
    "settings": "Настройки и пароль",
    "portal": "Портал",
}
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class EventTable:
    """One event: its CloudEvents type, what it says, and its fields."""

    name: str
    type: str
    description: str
    fields: tuple[FieldRow, ...]


@router.get("")
async def documents(visit: AnyVisit) -> Response:
    """What there is to read."""
    return visit.page("docs/index.html", services=SERVICES)


@router.get("/events")
async def events(visit: AnyVisit) -> Response:
    """Every topic and every event, from the contracts themselves."""
    described = [(topic, [_event_table(event) for event in topic.events]) for topic in TOPICS]
    return visit.page("docs/events.html", topics=described, retention=_retention)


@router.get("/openapi/{service}.json")
async def openapi(request: Request, service: str) -> JSONResponse:
    """A service's OpenAPI document as it stands."""
    return JSONResponse(await _openapi(request, service))


@router.get("/{service}")
async def api(visit: AnyVisit, service: str) -> Response:
    """A service's API as tables."""
    operations = operations_of(await _openapi(visit.request, service))
    return visit.page("docs/api.html", service=service, title=SERVICES[service], operations=operations)


async def _openapi(request: Request, service: str) -> Mapping[str, Any]:
    if service not in SERVICES:
        raise Problem(404, "service-unknown", "Такой службы нет. Все они перечислены на странице «Для разработчиков».")
    if service == "portal":
        own: Mapping[str, Any] = request.app.openapi()
        return own
    return await _fetched(portal_of(request), service)


async def _fetched(portal: Portal, service: str) -> Mapping[str, Any]:
    try:
        answer = await portal.http.get(f"{getattr(portal.services, service)}/openapi.json", timeout=SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError:
        raise Problem(503, "unavailable", "Эта служба сейчас не отвечает. Попробуйте через минуту.") from None
    fetched: Mapping[str, Any] = answer.json()
    return fetched


def _event_table(event: type[Event]) -> EventTable:
    schema = event.model_json_schema()
    rows = tuple(field_rows(schema, schema.get("$defs", {})))
    return EventTable(event.__name__, event.type_name(), inspect.getdoc(event) or "", rows)


def _retention(topic: Topic) -> str:
    if "compact" in topic.config.get("cleanup.policy", ""):
        return "последнее состояние по ключу"
    return "всё, без срока" if topic.config.get("retention.ms") == "-1" else f"{topic.config.get('retention.ms')} мс"
