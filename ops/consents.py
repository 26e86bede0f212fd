"""Ops, the consents as the log of identity holds them: how many stand on which text, and the evidence of one account.

It is read in the log itself: views do not keep the evidence (address, browser), and a proof is of the log.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.documents import envelope_of
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event, NewerVersion, Unreadable
from medonline_contracts.identity import ConsentGiven, ConsentText
from ops.problem import Exit, Problem

EVENTS_AT_ONCE = 1_000
ABOUT_CONSENT = "^ru\\.medonline\\.Consent"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one text: of so many accounts that agreed to it, `superseded` agreed to a newer one since.

    The log knows no event yet by which a consent is withdrawn or ends, and the text names no term: `withdrawn` and
    `expired` are 0 until there is one, and this code refuses to count by a log that holds what it does not know.
    """

    text: ConsentText
    accounts: int
    valid: int
    superseded: int
    withdrawn: int
    expired: int
    first_given_at: datetime
    last_given_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it was given, with what proves it (152-ФЗ, art. 9 (3)), and its place in the log."""

    text: ConsentText
    region: str
    given_at: datetime
    address: str
    user_agent: str
    event_id: str
    version: int
    recorded_at: datetime

    @classmethod
    def of(cls, envelope: Envelope[Event]) -> "Given":
        """What the event says. Raises Problem for one that this code does not know."""
        event = envelope.event
        if not isinstance(event, ConsentGiven):
            raise _newer(type(event).__name__)
        who = event.person
        place = (envelope.id, envelope.version, envelope.time)
        return cls(event.consent, event.region, event.given_at, who.address, who.user_agent, *place)


async def standings(identity: AsyncDatabase[Document]) -> list[Standing]:
    """Of every text that anybody ever agreed to. Raises PyMongoError, and Problem for events of newer code.

    One account after the other, as the log's index has them, so that it takes no more memory for a million of them.
    """
    counts: dict[ConsentText, _Count] = defaultdict(_Count)
    account, given = "", list[Given]()
    async for envelope in _about_consent(identity, {}):
        if envelope.stream_id != account:
            _count(counts, given)
            account, given = envelope.stream_id, []
        given.append(Given.of(envelope))
    _count(counts, given)
    return [counts[text].standing(text) for text in sorted(counts, key=_order)]


async def evidence(identity: AsyncDatabase[Document], account_id: str) -> list[Given]:
    """The consents of an account, in the order of its stream. Raises as `standings` does."""
    return [Given.of(envelope) async for envelope in _about_consent(identity, {"stream_id": account_id})]


@dataclass
class _Count:
    """What has been counted of a text so far."""

    accounts: int = 0
    valid: int = 0
    times: tuple[datetime, ...] = ()

    def standing(self, text: ConsentText) -> Standing:
        return Standing(
            text, self.accounts, self.valid, self.accounts - self.valid, 0, 0, min(self.times), max(self.times)
        )


def _count(counts: dict[ConsentText, _Count], given: list[Given]) -> None:
    """Count what one account gave; a text to which it agreed twice is counted once, by the first time."""
    newest = {one.text.id: 0 for one in given}
    for one in given:
        newest[one.text.id] = max(newest[one.text.id], one.text.version)
    for text, one in {one.text: one for one in reversed(given)}.items():
        count = counts[text]
        count.accounts += 1
        count.valid += newest[text.id] == text.version
        count.times = (min((*count.times, one.given_at)), max((*count.times, one.given_at)))


def _order(text: ConsentText) -> tuple[str, int, str]:
    return text.id, text.version, text.sha256


async def _about_consent(identity: AsyncDatabase[Document], of: Document) -> AsyncIterator[Envelope[Event]]:
    found = identity["events"].find(of | {"type": {"$regex": ABOUT_CONSENT}}, batch_size=EVENTS_AT_ONCE)
    async for document in found.sort({"stream_id": ASCENDING, "version": ASCENDING}):
        try:
            yield envelope_of(document)
        except (NewerVersion, Unreadable):
            raise _newer(document["type"]) from None


def _newer(name: str) -> Problem:
    return Problem(Exit.REFUSED, f"The log holds {name}, which this ops cannot read: use one as new as identity.")
