"""Waiting for a service that a test runs in its own process, as whatever sends it requests would."""

import asyncio

import httpx
from fastapi import FastAPI


async def until_ready(app: FastAPI, seconds: float = 60) -> None:
    """Return when the service says that it is ready; fails the test where it does not."""
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as http,
    ):
        while (await http.get("/health/ready")).status_code != 200:
            await asyncio.sleep(0.05)
