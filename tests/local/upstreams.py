"""Stand-ins for the services behind the gateway: each echoes what it was asked; identity knows one session."""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SESSION = "session=known"
TOKEN = "signed-by-identity"


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # closes every connection, so that none outlives the server
    service = ""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path.startswith("/authz/"):
            return self._authorize()
        told = {"service": self.service, "path": self.path, "method": self.command, **dict(self.headers.items())}
        return self._send(200, {}, json.dumps({name.lower(): value for name, value in told.items()}))

    def _authorize(self) -> None:
        if SESSION in self.headers.get("cookie", ""):
            return self._send(200, {"x-access-token": TOKEN}, "")
        if self.path.startswith("/authz/optional/"):
            return self._send(200, {}, "")
        if self.path.startswith("/authz/required/api/"):
            return self._send(401, {"content-type": "application/problem+json"}, '{"status": 401}')
        return self._send(302, {"location": "/sign-in"}, "")

    def _send(self, status: int, headers: dict[str, str], body: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def upstreams(ports: Iterable[tuple[str, int]]) -> Iterator[None]:
    """Run one of them for each (name, port)."""
    with ExitStack() as running:
        for name, port in ports:
            handler = type(f"{name}Echo", (_Echo,), {"service": name})
            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", port), handler))
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            running.callback(server.shutdown)
        yield
