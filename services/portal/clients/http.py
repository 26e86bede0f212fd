"""Talking to a service on behalf of the person who asked for a page: with their token, address, trace and cookies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from chassis.http import CLIENT_ADDRESS, SAFE_METHODS, origin_of
from chassis.problem import Problem, ProblemBody
from chassis.token import HEADER
from chassis.traces import TRACEPARENT, client_span
from services.portal.clients.connections import Asks, ServiceAnswer, Unanswered
from services.portal.cookies import full_name

SECONDS = 8.0
UNAVAILABLE = "unavailable"
PASSED_ON = (HEADER, CLIENT_ADDRESS, TRACEPARENT, "user-agent")
COOKIES = ("session", "browser")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")  # nothing that could end this cookie and begin another


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """What a service needs to see of the person's request: some of its headers, and its cookies as they stand now."""

    headers: Mapping[str, str]
    cookies: dict[str, str]

    @classmethod
    def of(cls, request: Request, secure: bool) -> "OnBehalf":
        """Taken from the request; `secure` says under which names identity's cookies are to be believed."""
        headers = {name: value for name in PASSED_ON if (value := request.headers.get(name))}
        names = (full_name(name, secure) for name in COOKIES)
        cookies = {name: value for name in names if _SECRET.fullmatch(value := request.cookies.get(name, ""))}
        return cls({**headers, "x-request-id": origin_of(request).correlation_id}, cookies)


class ServiceClient:
    """One service, by name `service`; an error it answers is raised as the `Problem` it is, silence as a 503."""

    service = "a service"

    def __init__(self, connections: Asks, url: str, person: OnBehalf) -> None:
        self._connections = connections
        self._url = url
        self._person = person
        self.cookies: list[str] = []  # what the service wants set in the browser: whole Set-Cookie headers

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        wait: float = SECONDS,
    ) -> ServiceAnswer:
        """The answer; parameters that are null are left out; `wait` is in seconds."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        headers = {**self._person.headers, "cookie": _cookie_header(self._person.cookies)}
        try:
            with client_span(method, self.service) as call:
                headers |= call.headers
                answer = await self._connections.ask(
                    method, self._url + path, json=json, params=given, headers=headers, seconds=wait
                )
                call.answered(answer.status)
        except Unanswered:
            raise _unavailable(method) from None
        if not answer.is_success:
            raise _problem(method, answer)
        self._keep_cookies(answer)
        return answer

    def _keep_cookies(self, answer: ServiceAnswer) -> None:
        """For the browser, and for what else is asked within this request."""
        for header in answer.set_cookies:
            self.cookies.append(header)
            name, _, value = header.partition(";")[0].partition("=")
            self._person.cookies[name] = value


def _cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _problem(method: str, answer: ServiceAnswer) -> Problem:
    try:
        body = ProblemBody.model_validate_json(answer.content)
    except ValidationError:
        return _unavailable(method)
    headers = {name: answer.headers[name] for name in ("retry-after",) if name in answer.headers}
    errors = {error.field: error.detail for error in body.errors}
    conflicts = {error.field: error.conflicts_with for error in body.errors if error.conflicts_with}
    return Problem(answer.status, body.type.rpartition("/")[2], body.detail, errors, headers, conflicts)


def _unavailable(method: str) -> Problem:
    detail = "Сервис временно недоступен. То, что вы уже сохранили, не пропало. Попробуйте ещё раз через минуту."
    if method not in SAFE_METHODS:  # who did not answer in time may have done it
        detail = (
            "Сервис временно недоступен. Если вы что-то сохраняли, откройте страницу и проверьте, сохранилось ли это."
        )
    return Problem(503, UNAVAILABLE, detail, headers={"retry-after": "10"})
