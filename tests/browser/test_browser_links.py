"""Every link on every page, in every region, leads somewhere; an address with a # leads to a place on its page."""

from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from lxml.html import HtmlElement

from deploy.local.stack import Stack
from tests.journeys.newcomers import THE_MANUALS_PERSON, newcomer
from tests.journeys.steps import register
from tests.journeys.visitor import Page, Visitor

REGIONS = ("RU-STA", "RU-KDA", "RU-MOW")
START = ("/", "/docs", "/help")
LINKS = (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"))
TURNED_BACK = "Вход через Госуслуги отменён"  # where «Отмена» leads: 403, and a page that says so


class Crawl:
    """Follows every link from the start pages; `dead` names each that leads nowhere, and the page it stands on."""

    def __init__(self, visitor: Visitor, portal: Stack) -> None:
        self._visitor = visitor
        self._sites = {urlsplit(portal.portal_url).netloc, urlsplit(portal.esia_url).netloc}
        self._pages: dict[str, Page] = {}
        self.dead: list[str] = []

    async def follow_all(self, start: list[str]) -> int:
        """How many addresses were opened."""
        found = [(address, "the start") for address in start]
        while found:
            address, seen_on = found.pop()
            whole, fragment = urldefrag(address)
            if whole not in self._pages:
                self._pages[whole] = page = await self._visitor.open(whole)
                found += [(link, whole) for link in self._links(page)]
                if page.status >= 400 and not page.headings(TURNED_BACK):
                    self.dead.append(f"{whole} on {seen_on}: {page.status}")
            if fragment and not self._pages[whole].root.xpath("//*[@id=$id]", id=fragment):
                self.dead.append(f"{address} on {seen_on}: no such place")
        return len(self._pages)

    def _links(self, page: Page) -> list[str]:
        addresses = [
            urljoin(page.url, element.get(attribute) or "")
            for kind, attribute in LINKS
            for element in page.root.iter(kind)
            if isinstance(element, HtmlElement) and element.get(attribute) is not None
        ]
        foreign = [address for address in addresses if urlsplit(address).netloc not in self._sites]
        self.dead += [f"{address} on {page.url}: leads out of the portal" for address in foreign]
        return [address for address in addresses if address not in foreign]


@pytest.mark.parametrize("region", REGIONS)
async def test_a_stranger_finds_no_dead_link(portal: Stack, region: str) -> None:
    async with Visitor(portal.portal_url) as visitor:
        await visitor.open(f"/regions/{region}")
        await visitor.follow("Зарегистрироваться")
        await visitor.press("Да, я согласен")
        crawl = Crawl(visitor, portal)
        opened = await crawl.follow_all([urljoin(portal.portal_url, start) for start in (*START, visitor.page.url)])
    assert crawl.dead == []
    assert opened > 30


@pytest.mark.parametrize("region", REGIONS)
async def test_someone_signed_in_finds_no_dead_link(portal: Stack, region: str) -> None:
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, newcomer(portal, like=THE_MANUALS_PERSON))
        await visitor.open(f"/regions/{region}")
        crawl = Crawl(visitor, portal)
        opened = await crawl.follow_all([urljoin(portal.portal_url, start) for start in (*START, "/cards")])
    assert crawl.dead == []
    assert opened > 25


async def test_every_region_of_the_catalogue_has_a_page_of_its_own(portal: Stack) -> None:
    async with Visitor(portal.portal_url) as visitor:
        listed = (await visitor.http.get(f"{portal.portal_url}/api/regions")).json()["regions"]
        assert {one["code"] for one in listed if one["open"]} == set(REGIONS)
        for region in listed:
            page = await visitor.open(f"/regions/{region['code']}")
            assert page.status == (200 if region["open"] else 404)
            assert region["name"] in page.text
