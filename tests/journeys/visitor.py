"""A visitor: a browser without script or picture. It follows links, fills fields by their labels and presses buttons.

What it cannot find by its visible name, a person could not either; so every journey is written in the portal's words.
"""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import lxml.html
from lxml.html import FormElement, HtmlElement

TIMEOUT_SECONDS = 30


class NotOnThePage(AssertionError):
    """There is no such link, button or field; the page's own text says where the visitor stands."""


@dataclass
class Page:
    """What the visitor sees: the address, the status and the parsed document."""

    url: str
    status: int
    root: HtmlElement
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All text of the main part, white space folded."""
        main: HtmlElement | None = self.root.find(".//main")
        return _visible(self.root if main is None else main)

    @property
    def title(self) -> str:
        """The document's title."""
        return _visible(self.root.find(".//title"))

    def headings(self, name: str) -> int:
        """How many headings have exactly this text."""
        return sum(_visible(heading) == name for level in "1234" for heading in self._all(f"h{level}"))

    def link(self, name: str) -> str:
        """The address of the link with this visible text."""
        return str(urljoin(self.url, self._named("a[@href]", name).get("href") or ""))

    def field(self, label: str) -> str:
        """The name of the field with this label."""
        target = self._named("label[@for]", label).get("for") or ""
        return str(self.root.get_element_by_id(target).get("name"))

    def button(self, name: str) -> HtmlElement:
        """The button with this visible text."""
        return self._named("button", name)

    def _named(self, kind: str, name: str) -> HtmlElement:
        named = [(_visible(element) or element.get("aria-label") or "", element) for element in self._all(kind)]
        exact = [element for text, element in named if text.lower() == name.lower()]
        close = [element for text, element in named if name.lower() in text.lower()]
        if not (found := exact or close):
            raise NotOnThePage(f"no {kind} «{name}» on {self.url}: {self.text[:400]}")
        return found[0]

    def _all(self, kind: str) -> list[HtmlElement]:
        return list(self.root.iterfind(f".//{kind}"))


class Visitor:
    """One person at one computer: cookies of their own and one page open at a time."""

    def __init__(self, start: str, address: str = "127.0.0.1") -> None:
        self._start = start
        # A browser asks again where a kept connection was just being closed; this one keeps none that long.
        limits = httpx.Limits(keepalive_expiry=3)
        transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
        self.http = httpx.AsyncClient(transport=transport, follow_redirects=True, timeout=TIMEOUT_SECONDS)
        self.page = Page(start, 0, lxml.html.fromstring("<html/>"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def open(self, address: str) -> Page:
        """Type an address, relative to the portal."""
        return self._see(await self.http.get(urljoin(self._start, address)))

    async def follow(self, link: str) -> Page:
        """Click a link."""
        return self._see(await self.http.get(self.page.link(link), headers={"referer": self.page.url}))

    def fill(self, label: str, value: str) -> None:
        """Type into a field, or choose an option by its value."""
        self.page.typed[self.page.field(label)] = value

    async def press(self, button: str) -> Page:
        """Press a button: its form goes with everything typed into it."""
        return self._see(await self.http.send(self.request_of(button), follow_redirects=True))

    def request_of(self, button: str) -> httpx.Request:
        """The request that pressing the button would send, to be sent twice or late."""
        pressed = self.page.button(button)
        form = next(ancestor for ancestor in pressed.iterancestors("form") if isinstance(ancestor, FormElement))
        values = {name: value for name, value in form.form_values() if isinstance(name, str)}
        values |= {name: value for name, value in self.page.typed.items() if name in form.fields}
        if pressed.get("name"):
            values[str(pressed.get("name"))] = pressed.get("value") or ""
        url = urljoin(self.page.url, pressed.get("formaction") or form.get("action") or self.page.url)
        parts = urlsplit(self.page.url)
        headers = {"origin": f"{parts.scheme}://{parts.netloc}", "referer": self.page.url}
        if (form.get("method") or "get").lower() == "post":
            return self.http.build_request("POST", url, data=values, headers=headers)
        return self.http.build_request("GET", url, params=values, headers=headers)

    def _see(self, answer: httpx.Response) -> Page:
        document = answer.text if "html" in answer.headers.get("content-type", "") else "<html/>"
        self.page = Page(str(answer.url), answer.status_code, lxml.html.fromstring(document or "<html/>"))
        return self.page


def _visible(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
