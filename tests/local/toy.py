"""A service that does nothing but say which process it is: `python -m tests.local.toy <port> <seconds to drain>`."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from chassis.health import Stateless
from chassis.http import create_app
from chassis.serving import serve
from chassis.token import TokenVerifier

NOBODY = "http://127.0.0.1:1"
router = APIRouter()


@router.get("/who")
async def who() -> int:
    return os.getpid()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


if __name__ == "__main__":
    port, seconds = map(int, sys.argv[1:])
    app = create_app(
        "Toy",
        [router],
        origin=NOBODY,
        lifespan=lifespan,
        watched=Stateless({}),
        token_verifier=TokenVerifier(NOBODY),
    )
    serve(app, "127.0.0.1", port, seconds)
