"""A process with a slow door, served as every service is: `python -m tests.roles.lingering PORT DRAIN_SECONDS`.

The door answers only once nobody else is let in any more.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request

from chassis.health import Stateless
from chassis.http import create_app
from chassis.serving import serve
from chassis.token import TokenVerifier

LOOK_SECONDS = 0.05
router = APIRouter()


@router.get("/slow")
async def slow(request: Request) -> str:
    while await _lets_in(*request.scope["server"]):
        await asyncio.sleep(LOOK_SECONDS)
    return "done"


async def _lets_in(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


if __name__ == "__main__":
    origin = "http://localhost"
    verifier = TokenVerifier(origin)
    app = create_app("Slow", [router], origin=origin, lifespan=lifespan, watched=Stateless({}), token_verifier=verifier)
    serve(app, "127.0.0.1", int(sys.argv[1]), float(sys.argv[2]))
