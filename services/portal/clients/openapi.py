"""The services' OpenAPI documents, for the pages that anyone may open: so each is kept for a while."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.problem import Problem
from services.portal.clients.connections import Asks, Unanswered

KEPT_FOR = timedelta(minutes=1)
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Kept:
    document: Mapping[str, Any]
    until: datetime


class OpenApiDocuments:
    """Fetches each service's document once a minute at most, when somebody asks for it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, _Kept] = {}

    async def of(self, connections: Asks, service_url: str) -> Mapping[str, Any]:
        """The service's document, at most `KEPT_FOR` old; a 503 problem where there is none and it does not answer."""
        kept = self._kept.get(service_url)
        if kept is None or kept.until <= self._now():
            kept = _Kept(await _fetched(connections, service_url), self._now() + KEPT_FOR)
            self._kept[service_url] = kept
        return kept.document


async def _fetched(connections: Asks, service_url: str) -> Mapping[str, Any]:
    try:
        answer = await connections.ask("GET", f"{service_url}/openapi.json", seconds=SECONDS)
        if not answer.is_success:
            raise Unanswered
    except Unanswered:
        raise Problem(503, "unavailable", "Эта служба сейчас не отвечает. Попробуйте через минуту.") from None
    fetched: Mapping[str, Any] = answer.json()
    return fetched
