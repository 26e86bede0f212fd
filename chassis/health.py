"""Health: alive says the process answers, ready says that everything it needs does too."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse

Check = Callable[[], Awaitable[bool]]
CHECK_SECONDS = 2.0


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """`/health/live` and `/health/ready`; the latter answers 503 and names what is missing."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        results = dict(zip(checks, await asyncio.gather(*map(_passes, checks.values())), strict=True))
        return JSONResponse(results, 200 if all(results.values()) else 503)

    return router


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception:
        return False
