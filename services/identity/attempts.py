"""Identity, the attempts: a person on the way to Gosuslugi and back, bound to one browser, for 15 minutes.

The consent's evidence and the PKCE verifier live here until the way ends, and no longer: a finished attempt keeps only
what a reload has to be answered with. A refused one is deleted. None of it is an event.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.store import Document
from medonline_contracts.identity import ConsentText, Grantor
from services.identity.refusals import AttemptUnknown, OtherBrowser

LIFETIME = timedelta(minutes=15)
CLAIMED_FOR = timedelta(seconds=20)  # longer than Gosuslugi is waited for
PENDING_PER_BROWSER = 20

Purpose = Literal["registration", "sign_in"]


class ClaimLost(Exception):
    """Another request has finished the attempt meanwhile."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a consent is proved by: the text, and when and from where it was agreed to."""

    consent: ConsentText
    given_at: datetime
    grantor: Grantor


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: either `refusal` says why not, or the rest says who is signed in.

    `code_sha256` is of ЕСИА's one-time code: whoever repeats the callback has it, whoever only has the browser has not.
    """

    refusal: str | None = None
    account_id: str = ""
    version: int = 0
    registered: bool = False
    code_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to Gosuslugi and back; `attempt_id` is ЕСИА's `state`."""

    attempt_id: str
    purpose: Purpose
    region: str | None
    return_to: str | None
    verifier: str = ""
    evidence: Evidence | None = None
    claim: str | None = None
    outcome: Outcome | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read a document of the collection."""
        evidence, outcome = document.get("evidence"), document.get("outcome")
        return cls(
            attempt_id=document["_id"],
            purpose=document["purpose"],
            region=document["region"],
            return_to=document["return_to"],
            verifier=document.get("verifier", ""),
            evidence=_evidence(evidence) if evidence else None,
            claim=document.get("claim"),
            outcome=Outcome(**outcome) if outcome else None,
        )


class Attempts:
    """The attempts of all browsers; a browser is known by the SHA-256 of its cookie."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._attempts = database["attempts"]

    async def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        await self._attempts.create_indexes(
            [
                IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
                IndexModel([("browser", ASCENDING), ("expires_at", DESCENDING)]),
            ]
        )

    async def begin(self, attempt: Attempt, browser: str, now: datetime) -> datetime:
        """Keep a new attempt until the time returned; of too many in one browser the oldest go."""
        expires_at = now + LIFETIME
        document = {
            "browser": _hashed(browser),
            "purpose": attempt.purpose,
            "region": attempt.region,
            "return_to": attempt.return_to,
            "verifier": attempt.verifier,
            "evidence": _document(attempt.evidence) if attempt.evidence else None,
            "claimed_until": now,
            "outcome": None,
            "expires_at": expires_at,
        }
        await self._attempts.insert_one({"_id": attempt.attempt_id, **document})
        pending = self._attempts.find({"browser": _hashed(browser)}, {"_id": 1}).sort("expires_at", DESCENDING)
        too_many = [old["_id"] async for old in pending.skip(PENDING_PER_BROWSER)]
        if too_many:
            await self._attempts.delete_many({"_id": {"$in": too_many}})
        return expires_at

    async def forget(self, browser: str) -> None:
        """«Нет, я отказываюсь»: nothing stays of what this browser began and did not finish."""
        await self._attempts.delete_many({"browser": _hashed(browser), "outcome": None})

    async def end_all(self) -> None:
        """Let nobody who is on the way come back by it."""
        await self._attempts.delete_many({})

    async def find(self, attempt_id: str, browser: str | None, now: datetime) -> Attempt:
        """Raises `AttemptUnknown` or `OtherBrowser`."""
        found = await self._attempts.find_one({"_id": attempt_id, "expires_at": {"$gt": now}})
        if not found:
            raise AttemptUnknown
        if browser is None or found["browser"] != _hashed(browser):
            raise OtherBrowser
        return Attempt.of(found)

    async def claim(self, attempt_id: str, browser: str | None, now: datetime) -> Attempt | None:
        """The attempt to work on, with a `claim` of the caller's own, or finished, with its `outcome`.

        None while another request works on it. Raises `AttemptUnknown` or `OtherBrowser`.
        """
        attempt = await self.find(attempt_id, browser, now)
        if attempt.outcome:
            return attempt
        claimed = await self._attempts.find_one_and_update(
            {"_id": attempt_id, "outcome": None, "claimed_until": {"$lte": now}},
            {"$set": {"claim": secrets.token_hex(8), "claimed_until": now + CLAIMED_FOR}},
            return_document=ReturnDocument.AFTER,
        )
        return Attempt.of(claimed) if claimed else None

    async def release(self, attempt: Attempt, now: datetime) -> None:
        """Give the claim back: the same callback may be tried again."""
        await self._attempts.update_one(_claimed(attempt), {"$set": {"claimed_until": now}})

    async def finish(self, attempt: Attempt, outcome: Outcome, transaction: AsyncClientSession | None = None) -> None:
        """Keep the outcome and drop everything else. Raises `ClaimLost` where another request finished it first."""
        done = await self._attempts.update_one(
            _claimed(attempt),
            {"$set": {"outcome": asdict(outcome)}, "$unset": {"evidence": "", "verifier": "", "claim": ""}},
            session=transaction,
        )
        if not done.matched_count:
            raise ClaimLost


def _claimed(attempt: Attempt) -> dict[str, object]:
    return {"_id": attempt.attempt_id, "claim": attempt.claim, "outcome": None}


def _hashed(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def _document(evidence: Evidence) -> dict[str, object]:
    return {
        "consent": evidence.consent.model_dump(),
        "given_at": evidence.given_at,
        "grantor": evidence.grantor.model_dump(),
    }


def _evidence(document: Mapping[str, Any]) -> Evidence:
    return Evidence(
        ConsentText.model_validate(document["consent"]),
        document["given_at"],
        Grantor.model_validate(document["grantor"]),
    )
