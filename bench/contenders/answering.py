"""A service that answers at once, served as ours are, on the port given: what remains is the asking."""

import sys
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

BODY = b'{"cards": "' + b"x" * 800 + b'"}'


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Plain ASGI, without a framework."""
    if scope["type"] != "http":
        return
    start: dict[str, Any] = {"type": "http.response.start", "status": 200}
    await send({**start, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)
