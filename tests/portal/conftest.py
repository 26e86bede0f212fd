"""The portal in this process, with the answers of the three services chosen by the test."""

import secrets
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from tests.portal.portal_in_process import PortalInProcess, build_portal, opened


@pytest.fixture(scope="session")
def portal_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("portal")
    (folder / "form.key").write_text(secrets.token_hex(32))
    return build_portal(folder)


@pytest.fixture
async def pages(portal_app: FastAPI) -> AsyncIterator[PortalInProcess]:
    async with opened(portal_app) as pages:
        yield pages
