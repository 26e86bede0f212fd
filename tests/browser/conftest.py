"""A real browser, started once; each test opens as many separate ones in it as it has people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from deploy.local.stack import Stack
from tests.browser.browsers import MOST_MILLISECONDS, Browsers
from tests.chromium import FLAGS


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def chromium(browser_path: Path) -> AsyncIterator[Browser]:
    expect.set_options(timeout=MOST_MILLISECONDS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def browsers(chromium: Browser, portal: Stack) -> AsyncIterator[Browsers]:
    opened = Browsers(chromium, portal)
    yield opened
    await opened.close()
