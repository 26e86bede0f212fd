"""Every page and every error state: axe-core finds nothing wrong, and 320 px are wide enough."""

import pytest
from axe_playwright_python.async_playwright import Axe

from deploy.local.stack import Stack
from tests.browser.browsers import NARROW, Browsers
from tests.browser.soundness import too_wide, violations
from tests.browser.steps import choose_region, link, sees_heading
from tests.browser.tour import whole_tour

BROKEN_WORDS = """() => {
    const text = document.querySelector("h1").firstChild, range = document.createRange();
    return [...text.data.matchAll(/\\S+/g)].filter((word) => {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map((word) => word[0]);
}"""


async def test_at_320_px_no_word_of_the_consents_heading_is_broken(browsers: Browsers) -> None:
    page = await browsers.open(width=NARROW)
    await choose_region(page)
    await link(page, "Зарегистрироваться").click()
    await sees_heading(page, "Согласие на обработку персональных данных")
    assert await page.evaluate(BROKEN_WORDS) == []


@pytest.mark.timeout(600)  # half a hundred pages, each looked at twice
async def test_no_page_or_error_state_violates_axe_or_scrolls_sideways_at_320_px(
    portal: Stack, browsers: Browsers
) -> None:
    axe, wrong, stops = Axe(), {}, []
    async for stop, page in whole_tour(browsers, portal):
        stops.append(stop)
        if found := [*await violations(axe, page), *await too_wide(page)]:
            wrong[stop] = found
    assert wrong == {}
    assert len(stops) == len(set(stops)) > 50
