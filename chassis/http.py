"""The HTTP application of a service: its routers under one set of rules for errors, origins, headers and logs."""

import re
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import structlog
from fastapi import APIRouter, FastAPI, Request
from opentelemetry.trace import Span
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.health import Watched, add_health
from chassis.metrics import metrics_router
from chassis.openapi import PROBLEM_RESPONSES, DescribedApi
from chassis.problem import Problem, add_problem_handlers
from chassis.roles import Role
from chassis.token import TokenVerifier
from chassis.traces import TRACEPARENT, answered, server_span
from medonline_contracts.envelope import Origin

log = structlog.get_logger(__name__)

REQUESTS = Counter("http_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "http_request_seconds", "Time to answer", ["route", "method"], buckets=(*Histogram.DEFAULT_BUCKETS[:-1], 20, 30)
)
CLIENT_ADDRESS = "x-client-address"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    title: str,
    routers: Sequence[APIRouter],
    *,
    origin: str,
    lifespan: Lifespan,
    watched: Watched,
    token_verifier: TokenVerifier,
    role: Role = Role.ALL,
    open_paths: Sequence[str] = (),
) -> FastAPI:
    """An application that answers errors as problem+json and lets a browser change things from `origin` alone.

    In a role that does not answer requests it has the doors for probes and metrics, and no other. What begins with one
    of `open_paths` everybody may know: it is told at the side door, too, if there is one.
    """
    described = "/openapi.json" if role.answers else None
    app = DescribedApi(
        title=title,
        lifespan=lifespan,
        openapi_url=described,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    app.state.token_verifier = token_verifier
    app.state.open_paths = tuple(open_paths)
    add_problem_handlers(app)

    app.add_middleware(Guard, origin=origin)
    add_health(app, watched)
    app.include_router(metrics_router())
    for router in routers if role.answers else ():
        app.include_router(router)
    return app


class Guard:
    """Around every request: the id of its logs, the origin of changes, headers of every answer, and what went wrong.

    Plain ASGI: Starlette's `BaseHTTPMiddleware` would start a task and pass each answer through a queue.
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        structlog.contextvars.bind_contextvars(request_id=origin_of(request).correlation_id)
        with server_span(_method(request), scope["path"], origin_of(request).traceparent) as span:
            await self._answer(request, Answer(send, last=getattr(request.app.state, "draining", False)), span)

    async def _answer(self, request: Request, answer: "Answer", span: Span) -> None:
        scope, receive = request.scope, request.receive
        started = time.perf_counter()
        try:
            if request.method not in SAFE_METHODS and request.headers.get("origin", self._origin) != self._origin:
                refused = Problem(403, "foreign-origin", "Запрос пришёл с чужой страницы и отклонён.")
                await refused.response()(scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]  # the place, never the text: it may quote a person
            log.error("request_failed", error=type(error).__name__, at=f"{frame.filename}:{frame.lineno}")
            if answer.status:
                raise  # it is half sent: only to break it off says so
            broken = Problem(500, "internal-error", "Что-то сломалось у нас. Попробуйте ещё раз.")
            await broken.response()(scope, receive, answer.send)
        finally:
            _count(request, answer.status or 500, time.perf_counter() - started, span)


class Answer:
    """The answer on its way out; `status` is null until it has begun.

    `last`: the process is about to end, so the next request had better come by another connection, to another process.
    """

    def __init__(self, send: Send, *, last: bool) -> None:
        self._send = send
        self._last = last
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass it on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers.setdefault("cache-control", "no-store")
            headers.setdefault("x-content-type-options", "nosniff")
            if self._last:
                headers["connection"] = "close"
        await self._send(message)


def _count(request: Request, status: int, seconds: float, span: Span) -> None:
    route = getattr(request.scope.get("route"), "path", "unmatched")  # the pattern, never the address itself
    if route.startswith(("/health", "/metrics")):
        return
    method = _method(request)
    REQUESTS.labels(route, method, status).inc()
    SECONDS.labels(route, method).observe(seconds)
    answered(span, method, route, status)
    log.info("answered", route=route, method=method, status=status, seconds=round(seconds, 4))


def _method(request: Request) -> str:
    """As HTTP knows it: what a client calls a method of its own could be anything."""
    return request.method if request.method in METHODS else "other"


def origin_of(request: Request) -> Origin:
    """Where a change comes from: the request's id and its trace (W3C Trace Context), as the gateway set them.

    Both are kept for ever with the change, so what has not their form is left out: it could be anything.
    """
    said, trace = request.headers.get("x-request-id", ""), request.headers.get(TRACEPARENT, "")
    if not hasattr(request.state, "request_id"):
        request.state.request_id = said if _UUID.fullmatch(said) else str(uuid4())
    return Origin(request.state.request_id, traceparent=trace if _TRACEPARENT.fullmatch(trace) else None)


def client_address(request: Request) -> str:
    """The client's address: the gateway overwrites this header, so a client cannot choose it."""
    return request.headers.get(CLIENT_ADDRESS) or (request.client.host if request.client else "unknown")
