"""A process with one slow door, served as every service is: `python -m tests.roles.lingering PORT DRAIN_SECONDS`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from chassis.health import Stateless
from chassis.http import create_app
from chassis.serving import serve
from chassis.token import TokenVerifier

SLOW_SECONDS = 1.0
router = APIRouter()


@router.get("/slow")
async def slow() -> str:
    await asyncio.sleep(SLOW_SECONDS)
    return "done"


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


if __name__ == "__main__":
    origin = "http://localhost"
    verifier = TokenVerifier(origin)
    app = create_app("Slow", [router], origin=origin, lifespan=lifespan, watched=Stateless({}), token_verifier=verifier)
    serve(app, "127.0.0.1", int(sys.argv[1]), float(sys.argv[2]))
