"""The side door: a port of its own for what everybody may know: figures, probes, published keys, and texts.

In a cluster Prometheus and the operators come here and not to the API, which believes the gateway's headers: policies
know ports and no paths. So at this port nothing is heard but a path: no header, no query, and no method but GET.
"""

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FIGURES = "/metrics"
OPEN = frozenset({FIGURES, "/health/started", "/health/ready", "/health/live", "/.well-known/jwks.json"})


class SideDoor:
    """Around an application that is served at two ports: at this one it answers only what is open to everybody.

    Beside `OPEN` that is what begins with one of the application's `open_paths`. At its other port it tells no figures.
    """

    def __init__(self, app: FastAPI, port: int) -> None:
        self._app: ASGIApp = app
        self._port = port
        self._open_paths: tuple[str, ...] = app.state.open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        aside = scope["server"][1] == self._port  # of the socket: what a client says of it is a header
        if aside and scope["method"] != "GET":
            await Response(status_code=405)(scope, receive, send)
        elif not (self._is_open(scope["path"]) if aside else scope["path"] != FIGURES):
            await Response(status_code=404)(scope, receive, send)
        else:
            await self._app({**scope, "headers": [], "query_string": b""} if aside else scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in OPEN or path.startswith(self._open_paths)
