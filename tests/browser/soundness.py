"""Whether a page is sound as it is shown: axe-core finds nothing wrong with it, and 320 px are wide enough."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.browsers import HEIGHT, NARROW, WIDE

WIDTH_OF_THE_CONTENT = "document.documentElement.scrollWidth"


async def violations(axe: Axe, page: Page) -> list[str]:
    found = await axe.run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def too_wide(page: Page) -> list[str]:
    await page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    width = await page.evaluate(WIDTH_OF_THE_CONTENT)
    await page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    return [f"{width} px wide"] if width > NARROW else []


async def is_sound(page: Page) -> None:
    """Nothing is wrong with what is shown."""
    await page.wait_for_load_state()
    assert [*await violations(Axe(), page), *await too_wide(page)] == []
