"""Browsers of the tests: each is a person's own, with cookies of its own, and with script or without."""

from playwright.async_api import Browser, BrowserContext, Page

from deploy.local.stack import Stack
from tests.journeys.steps import Citizen, register
from tests.journeys.visitor import Visitor

WIDE = 1280
NARROW = 320
HEIGHT = 900
MOST_MILLISECONDS = 20_000


class Browsers:
    """Opens browsers at the portal's address and closes them all when the test ends."""

    def __init__(self, chromium: Browser, portal: Stack) -> None:
        self._chromium = chromium
        self._portal = portal
        self._open: list[BrowserContext] = []

    async def open(self, *, script: bool = True, width: int = WIDE) -> Page:
        """A stranger's browser, its page still blank."""
        context = await self._chromium.new_context(
            base_url=self._portal.portal_url,
            java_script_enabled=script,
            locale="ru-RU",
            viewport={"width": width, "height": HEIGHT},
        )
        context.set_default_timeout(MOST_MILLISECONDS)
        self._open.append(context)
        return await context.new_page()

    async def open_for(self, person: Citizen) -> Page:
        """The browser of someone who has just registered (or come again) through Gosuslugi."""
        page = await self.open()
        await self.sign_in(page, person)
        return page

    async def sign_in(self, page: Page, person: Citizen) -> None:
        """Put the person's fresh session into the browser; the walks themselves are other tests' matter."""
        async with Visitor(self._portal.portal_url) as visitor:
            await register(visitor, self._portal, person)
            kept = {cookie.name: cookie.value or "" for cookie in visitor.http.cookies.jar}
        names = ("session", "browser", "region")
        await page.context.add_cookies(
            [{"name": name, "value": kept[name], "url": self._portal.portal_url} for name in names]
        )

    async def close(self) -> None:
        """Close them all."""
        for context in self._open:
            await context.close()
