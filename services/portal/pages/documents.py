"""Pages for developers: the API of the services behind the gateway, and the events on the topics.

Beside the pages stand the contracts' own files, for programs: AsyncAPI and the JSON Schemas, as the wheel holds them.
"""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chassis.problem import Problem
from medonline_contracts.envelope import Event
from medonline_contracts.topics import TOPICS, Topic
from services.portal.openapi_tables import operations_of
from services.portal.portal import portal_of
from services.portal.schema_tables import FieldRow, field_rows
from services.portal.visit import AnyVisit

router = APIRouter(prefix="/docs", include_in_schema=False)

SERVICES = {
    "identity": "Вход, согласия и сеансы",
    "cards": "Карты пациента",
    "settings": "Настройки и пароль",
    "portal": "Портал",
}
CONTRACTS = files("medonline_contracts")


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
    return visit.page("docs/events.html", topics=_topics(), headers=_header_rows(), retention=_retention)


@router.get("/asyncapi.yaml")
async def asyncapi() -> Response:
    """All topics as AsyncAPI 3."""
    return Response((CONTRACTS / "asyncapi.yaml").read_bytes(), media_type="application/yaml")


@router.get("/schemas/{name}")
async def schema(name: str) -> Response:
    """The JSON Schema of an event version, `<CloudEvents type>.json`, or of the headers, `headers.json`."""
    if (content := _schemas().get(name)) is None:
        raise Problem(404, "schema-unknown", "Такой схемы нет. Все они перечислены на странице «Темы и события».")
    return Response(content, media_type="application/schema+json")


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
    portal = portal_of(request)
    return await portal.openapi.of(portal.connections, getattr(portal.urls, service))


@cache
def _schemas() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (CONTRACTS / "schemas").iterdir()}


@cache
def _header_rows() -> tuple[FieldRow, ...]:
    return tuple(field_rows(json.loads(_schemas()["headers.json"]), {}))


@cache
def _topics() -> tuple[tuple[Topic, tuple[EventTable, ...]], ...]:
    return tuple((topic, tuple(map(_event_table, topic.events))) for topic in TOPICS)


def _event_table(event: type[Event]) -> EventTable:
    schema = event.model_json_schema()
    rows = tuple(field_rows(schema, schema.get("$defs", {})))
    return EventTable(event.__name__, event.type_name(), inspect.getdoc(event) or "", rows)


def _retention(topic: Topic) -> str:
    if "compact" in topic.config.get("cleanup.policy", ""):
        return "последнее состояние по ключу"
    return "всё, без срока" if topic.config.get("retention.ms") == "-1" else f"{topic.config.get('retention.ms')} мс"
