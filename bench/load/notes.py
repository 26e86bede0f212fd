"""What is noted while the users walk: how long each click took, what was acknowledged, and whatever went wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.journeys.visitor import NotOnThePage


@dataclass(frozen=True, slots=True)
class Click:
    """A link followed, a button pressed or an address typed: when, in seconds from the begin, and how long it took."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change that a page said is saved: by whom (the number of their account at Gosuslugi), and what.

    `stream` is the card's id, `version` that of its event or of the password; `said` is what was stated.
    """

    what: Literal["registered", "card", "password"]
    esia_oid: int
    stream: str = ""
    version: int = 0
    said: str = ""


@dataclass(slots=True)
class Notes:
    """Everybody's; the clock begins when they are made."""

    begun: float = field(default_factory=time.monotonic)
    clicks: list[Click] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    looked_again: int = 0

    def now(self) -> float:
        """Seconds since the begin."""
        return time.monotonic() - self.begun

    @contextmanager
    def click(self) -> Iterator[None]:
        """Time what the body does."""
        at = self.now()
        yield
        self.clicks.append(Click(at, self.now() - at))

    def failed(self, who: str, error: Exception) -> None:
        """Somebody met an error of the server or of the connection, or a page that ought to be another."""
        what = str(error) if isinstance(error, NotOnThePage) else f"{type(error).__name__} {error}"
        self.failures.append(f"{self.now():.0f} s, {who}: {what}")

    def seconds_between(self, begin: float, end: float) -> list[float]:
        """How long the clicks took that were made in this time."""
        return [click.seconds for click in self.clicks if begin <= click.at < end]
