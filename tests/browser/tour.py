"""A tour of every page and of every state that a page can be in, errors too; each stop has a name."""

from collections.abc import AsyncIterator

from playwright.async_api import Page

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.tour_personal import my_cards, settings
from tests.browser.tour_strangers import failing, gosuslugi, public_pages, registration
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer


async def whole_tour(browsers: Browsers, portal: Stack) -> AsyncIterator[tuple[str, Page]]:
    """Every stop, as a stranger and as someone signed in."""
    stranger, at_gosuslugi, in_trouble = [await browsers.open() for _ in range(3)]
    signed_in = await browsers.open_for(newcomer(portal, like=THE_MANUALS_PERSON))
    parts = (
        (stranger, public_pages(stranger)),
        (stranger, registration(stranger)),
        (at_gosuslugi, gosuslugi(at_gosuslugi, portal)),
        (in_trouble, failing(in_trouble, portal)),
        (signed_in, my_cards(signed_in)),
        (signed_in, settings(signed_in, browsers, portal)),
    )
    for page, stops in parts:
        async for stop in stops:
            await page.wait_for_load_state()
            yield stop, page
