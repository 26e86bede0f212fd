"""A walker: a visitor who thinks before each click, as people do, and whom no page of an error escapes."""

import asyncio
from collections.abc import Awaitable, Callable

from bench.load.notes import Notes
from tests.journeys.visitor import NotOnThePage, Page, Visitor

LOOK_AGAIN_SECONDS = 1.5
PATIENCE_SECONDS = 30.0
NOT_YET = ("Карта создаётся", "пока показывает прежние данные", "ещё не поступили")


class Walker(Visitor):
    """`think` says for how many seconds, each time anew."""

    def __init__(self, start: str, address: str, notes: Notes, think: Callable[[], float]) -> None:
        super().__init__(start, address)
        self._notes = notes
        self._think = think

    async def open(self, address: str) -> Page:
        """Type an address."""
        visit = super().open
        return await self._click(lambda: visit(address))

    async def follow(self, link: str) -> Page:
        """Click a link."""
        visit = super().follow
        return await self._click(lambda: visit(link))

    async def press(self, button: str) -> Page:
        """Press a button."""
        visit = super().press
        return await self._click(lambda: visit(button))

    async def until_shown(self, *texts: str) -> None:
        """Look again, as the page says to do, until it shows what was saved and these texts."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(words in self.page.text for words in NOT_YET):
                self._notes.looked_again += 1
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
                await self._without_thinking(self.page.url)
        for text in texts:
            if text not in self.page.text:
                raise NotOnThePage(f"no «{text}» on {self.page.url}: {self.page.text[:400]}")

    async def _click(self, visit: Callable[[], Awaitable[Page]]) -> Page:
        await asyncio.sleep(self._think())
        with self._notes.click():
            page = await visit()
        return _not_of_an_error(page, self._notes.clicks[-1].seconds)

    async def _without_thinking(self, address: str) -> None:
        begun = self._notes.now()
        _not_of_an_error(await super().open(address), self._notes.now() - begun)


def _not_of_an_error(page: Page, seconds: float) -> Page:
    if page.status >= 400:
        raise NotOnThePage(f"{page.status} after {seconds:.1f} s on {page.url}: {page.text[:200]}")
    return page
