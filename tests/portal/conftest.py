"""The portal in this process, with the answers of the three services chosen by the test."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.portal.portal_in_process import PortalInProcess, build_portal, opened

TLS_ORIGIN = "https://portal.example"


@pytest.fixture(scope="session")
def portal_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("portal")
    (folder / "form.key").write_text(secrets.token_hex(32))
    return build_portal(folder)


@pytest.fixture
async def pages_over_tls(tmp_path: Path) -> AsyncIterator[PortalInProcess]:
    """The portal as it is configured where browsers reach it over TLS."""
    (tmp_path / "form.key").write_text(secrets.token_hex(32))
    async with opened(build_portal(tmp_path, TLS_ORIGIN), TLS_ORIGIN) as pages:
        yield pages


@pytest.fixture
async def pages(portal_app: FastAPI) -> AsyncIterator[PortalInProcess]:
    async with opened(portal_app) as pages:
        yield pages
