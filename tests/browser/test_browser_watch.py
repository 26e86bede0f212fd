"""The operators' page in a real browser: sound, and as it is now without anybody doing anything."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.stack import Stack
from tests.browser.soundness import is_sound
from tests.local.spans import sent_by, span
from tests.local.watching import send, watching


@pytest.fixture(scope="module")
def address(portal: Stack) -> Iterator[str]:
    with watching(portal) as address:
        send(address, sent_by("portal", span(1, 1, "GET /first"), span(1, 2, "HTTP GET cards", parent=1, failed=True)))
        yield address


@pytest.fixture(params=["light", "dark"])
async def page(request: pytest.FixtureRequest, chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(color_scheme=request.param)
    yield await context.new_page()
    await context.close()


async def test_both_pages_are_sound(page: Page, address: str) -> None:
    await page.goto(address)
    await is_sound(page)
    await page.get_by_role("link", name="GET /first").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("GET /first")
    await is_sound(page)


async def test_it_refreshes_itself_and_leaves_the_reader_where_they_were(chromium: Browser, address: str) -> None:
    page = await chromium.new_page()
    await page.goto(address)
    await page.get_by_role("link", name="GET /first").focus()
    send(address, sent_by("portal", span(2, 1, "GET /second", after=60_000)))
    await expect(page.get_by_role("link", name="GET /second")).to_be_visible()
    await expect(page.get_by_role("link", name="GET /first")).to_be_focused()
    await page.close()


async def test_who_has_no_script_sees_it_refreshed_too_or_lets_it_stand_still(chromium: Browser, address: str) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("link", name="Let it stand still").click()
    await page.wait_for_url("**/?still=1")
    assert await page.locator("meta[http-equiv=refresh]").count() == 0
    await page.get_by_role("link", name="Let it refresh itself").click()
    send(address, sent_by("portal", span(3, 1, "GET /third", after=120_000)))
    await expect(page.get_by_role("link", name="GET /third")).to_be_visible()
    await context.close()
