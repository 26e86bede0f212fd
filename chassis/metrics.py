"""Metrics: what a process tells Prometheus, at its HTTP door or at a port of its own.

In a cluster it is a port of its own: policies know ports and no paths, and who may read figures is not to reach the
API, which believes the gateway's headers.
"""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest, start_http_server


def metrics_router() -> APIRouter:
    """`/metrics` at the HTTP door; the gateway does not route it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def serve_metrics(host: str, port: int) -> None:
    """Answer at this port, with figures and nothing else, to the end. Raises `OSError` where it is taken."""
    start_http_server(port, host)
