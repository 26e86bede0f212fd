"""Talking to a service on behalf of the person who asked for a page: with their token, address, trace and cookies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from fastapi import Request
from pydantic import ValidationError

from chassis.http import CLIENT_ADDRESS, origin_of
from chassis.problem import Problem, ProblemBody
from chassis.token import HEADER
from chassis.traces import TRACEPARENT, client_span
from services.portal.cookies import full_name

Parameters = Mapping[str, Any]
NONE: Parameters = {}
SECONDS = 8.0
PASSED_ON = (HEADER, CLIENT_ADDRESS, TRACEPARENT, "user-agent")
COOKIES = ("session", "browser")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")  # nothing that could end this cookie and begin another


def http_client() -> httpx.AsyncClient:
    """A client for everybody's requests. It asks no proxy of the environment.

    It keeps no cookies, so that no person's ever go out with another's.
    """
    # Uvicorn ends an idle connection after five seconds: a request on one that is just being ended would be lost.
    limits = httpx.Limits(keepalive_expiry=3)
    return httpx.AsyncClient(trust_env=False, limits=limits, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))


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

    def __init__(self, http: httpx.AsyncClient, url: str, person: OnBehalf) -> None:
        self._http = http
        self._url = url
        self._person = person
        self.cookies: list[str] = []  # what the service wants set in the browser: whole Set-Cookie headers

    async def call(
        self, method: str, path: str, *, json: Any = None, params: Parameters = NONE, wait: float = SECONDS
    ) -> httpx.Response:
        """The answer; parameters that are null are left out; `wait` is in seconds."""
        given = {name: value for name, value in params.items() if value is not None}
        headers = {**self._person.headers, "cookie": _cookie_header(self._person.cookies)}
        try:
            with client_span(method, self.service) as call:
                headers |= call.headers
                answer = await self._http.request(
                    method, self._url + path, json=json, params=given, headers=headers, timeout=wait
                )
                call.answered(answer.status_code)
        except httpx.HTTPError:
            raise _unavailable() from None
        if not answer.is_success:
            raise _problem(answer)
        self._keep_cookies(answer)
        return answer

    def _keep_cookies(self, answer: httpx.Response) -> None:
        """For the browser, and for what else is asked within this request."""
        for header in answer.headers.get_list("set-cookie"):
            self.cookies.append(header)
            name, _, value = header.partition(";")[0].partition("=")
            self._person.cookies[name] = value


def _cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _problem(answer: httpx.Response) -> Problem:
    try:
        body = ProblemBody.model_validate_json(answer.content)
    except ValidationError:
        return _unavailable()
    headers = {name: answer.headers[name] for name in ("retry-after",) if name in answer.headers}
    errors = {error.field: error.detail for error in body.errors}
    conflicts = {error.field: error.conflicts_with for error in body.errors if error.conflicts_with}
    return Problem(answer.status_code, body.type.rpartition("/")[2], body.detail, errors, headers, conflicts)


def _unavailable() -> Problem:
    detail = "Сервис временно недоступен. То, что вы уже сохранили, не пропало. Попробуйте ещё раз через минуту."
    return Problem(503, "unavailable", detail, headers={"retry-after": "10"})
