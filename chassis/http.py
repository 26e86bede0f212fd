"""The HTTP application of a service: its routers under one set of rules for errors, origins, headers and logs."""

import re
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from chassis.health import Check, health_router
from chassis.openapi import PROBLEM_RESPONSES, DescribedApi
from chassis.problem import Problem, add_problem_handlers
from chassis.token import TokenVerifier
from medonline_contracts.envelope import Origin

log = structlog.get_logger(__name__)

REQUESTS = Counter("http_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram("http_request_seconds", "Time to answer", ["route", "method"])
CLIENT_ADDRESS = "x-client-address"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Next = Callable[[Request], Awaitable[Response]]


def create_app(
    title: str,
    routers: Sequence[APIRouter],
    *,
    origin: str,
    lifespan: Lifespan,
    checks: Mapping[str, Check],
    token_verifier: TokenVerifier,
) -> FastAPI:
    """An application that answers errors as problem+json and lets a browser change things from `origin` alone."""
    app = DescribedApi(title=title, lifespan=lifespan, docs_url=None, redoc_url=None, responses=PROBLEM_RESPONSES)
    app.state.token_verifier = token_verifier
    add_problem_handlers(app)

    @app.middleware("http")
    async def guard(request: Request, call_next: Next) -> Response:
        return await _guarded(request, call_next, origin)

    app.include_router(health_router(checks))
    app.include_router(_metrics_router())
    for router in routers:
        app.include_router(router)
    return app


async def _guarded(request: Request, call_next: Next, origin: str) -> Response:
    structlog.contextvars.bind_contextvars(request_id=origin_of(request).correlation_id)
    started = time.perf_counter()
    if request.method not in SAFE_METHODS and request.headers.get("origin", origin) != origin:
        response: Response = Problem(403, "foreign-origin", "Запрос пришёл с чужой страницы и отклонён.").response()
    else:
        try:
            response = await call_next(request)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]  # the place, never the text: it may quote a person
            log.error("request_failed", error=type(error).__name__, at=f"{frame.filename}:{frame.lineno}")
            response = Problem(500, "internal-error", "Что-то сломалось у нас. Попробуйте ещё раз.").response()
    response.headers.setdefault("cache-control", "no-store")
    response.headers.setdefault("x-content-type-options", "nosniff")
    _count(request, response, time.perf_counter() - started)
    return response


def _count(request: Request, response: Response, seconds: float) -> None:
    route = getattr(request.scope.get("route"), "path", "unmatched")  # the pattern, never the address itself
    if route.startswith(("/health", "/metrics")):
        return
    REQUESTS.labels(route, request.method, response.status_code).inc()
    SECONDS.labels(route, request.method).observe(seconds)
    log.info("answered", route=route, method=request.method, status=response.status_code, seconds=round(seconds, 4))


def origin_of(request: Request) -> Origin:
    """Where a change comes from: the request's id as the gateway set it, and its trace (W3C Trace Context).

    Both are kept for ever with the change, so what has not their form is left out: it could be anything.
    """
    said, trace = request.headers.get("x-request-id", ""), request.headers.get("traceparent", "")
    if not hasattr(request.state, "request_id"):
        request.state.request_id = said if _UUID.fullmatch(said) else str(uuid4())
    return Origin(request.state.request_id, traceparent=trace if _TRACEPARENT.fullmatch(trace) else None)


def client_address(request: Request) -> str:
    """The client's address: the gateway overwrites this header, so a client cannot choose it."""
    return request.headers.get(CLIENT_ADDRESS) or (request.client.host if request.client else "unknown")


def _metrics_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def serve(app: FastAPI, host: str, port: int) -> None:
    """Run until SIGTERM; requests in flight are finished first."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=4,
    )
