"""Serving: the HTTP server of a process, from its start to an end that breaks off no request."""

import signal
import socket
import sys
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from chassis.side_door import SideDoor
from chassis.traces import end_traces

GRACE_SECONDS = 30  # as long as the gateway waits: whom it breaks off nobody waits for any more
STARTUP_FAILED = 3


def serve(app: FastAPI, host: str, port: int, drain_seconds: float = 0, side_port: int | None = None) -> None:
    """Run until SIGTERM; requests in flight are finished first, in 30 seconds at most.

    Before that, for `drain_seconds`, everything is still answered while `/health/ready` says 503: who sends requests
    has to learn that this process goes before it does. At `side_port`, if there is one, it answers what everybody may
    know. Ends with 3 where a port is taken.
    """
    doors = app if side_port is None else SideDoor(app, side_port)
    told = uvicorn.Config(
        doors,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(told, app, drain_seconds)
    server.run(None if side_port is None else [_bound(host, each) for each in (port, side_port)])
    if not server.started:
        sys.exit(STARTUP_FAILED)


def _bound(host: str, port: int) -> socket.socket:
    return uvicorn.Config("", host=host, port=port, log_config=None).bind_socket()


class _Server(uvicorn.Server):
    """Uvicorn's, which at the first SIGTERM only begins to end."""

    def __init__(self, told: uvicorn.Config, app: FastAPI, drain_seconds: float) -> None:
        super().__init__(told)
        self._app = app
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by the signal; a second one ends at once."""
        if sig == signal.SIGTERM and self._drain_seconds and not self._app.state.draining:
            self._app.state.draining = True
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn before it raises the signal again, which then ends the process on the spot."""
        await super().shutdown(sockets)
        end_traces()

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self._ends_at = None
            super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)
