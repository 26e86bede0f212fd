"""Identity, the way through Gosuslugi: from the consent to the session, once per attempt however often it is called.

The event, the session and the attempt's end are one transaction, so that a process that dies in between leaves either
all of it or nothing but a burnt code: then the person signs in again.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from pymongo.asynchronous.client_session import AsyncClientSession

from chassis.sign_ins import counted
from chassis.token import Clock
from eventlog.store import Also
from medonline_contracts.envelope import Origin
from services.identity.accounts import Accounts
from services.identity.attempts import Attempt, Attempts, ClaimLost, Evidence, Outcome, Purpose
from services.identity.consent_texts import PERSONAL_DATA, ConsentTexts
from services.identity.domain import Account, EsiaAuthentication, Register, SignIn
from services.identity.esia.answer import Code, Failure
from services.identity.esia.errors import sent_back
from services.identity.esia.port import Esia
from services.identity.refusals import AttemptUnknown, AttemptUsed, CodeRefused, EsiaUnavailable, Refusal, RefusedBefore
from services.identity.sessions import Session, Sessions

OTHER_REQUEST_SECONDS = 10.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Completed:
    """Who is signed in now: `secret` is for the browser's cookie, `version` the account's, to read its views by."""

    account_id: str
    version: int
    outcome: Literal["registered", "signed_in"]
    region: str | None
    return_to: str | None
    consent_due: bool
    secret: str


@dataclass(frozen=True, slots=True)
class EsiaSignIn:
    """Registering and signing in through Gosuslugi; `session_key` derives a session's secret from its attempt."""

    esia: Esia
    accounts: Accounts
    attempts: Attempts
    sessions: Sessions
    texts: ConsentTexts
    session_key: bytes
    minimum_age: int
    clock: Clock

    async def begin(
        self, purpose: Purpose, region: str | None, return_to: str | None, evidence: Evidence | None, browser: str
    ) -> tuple[str, datetime]:
        """A new attempt of this browser: its id and until when it lasts. Raises `ConsentOutdated`."""
        if evidence:
            self.texts.require_current(evidence.consent)
        attempt = Attempt(
            str(uuid4()), purpose, region, return_to, verifier=secrets.token_urlsafe(48), evidence=evidence
        )
        return attempt.attempt_id, await self.attempts.begin(attempt, browser, self.clock())

    async def authorization_url(self, attempt_id: str, browser: str | None) -> str:
        """Where to send the browser. Raises `AttemptUnknown`, also for a finished one, or `OtherBrowser`."""
        now = self.clock()
        attempt = await self.attempts.find(attempt_id, browser, now)
        if attempt.outcome:
            raise AttemptUnknown
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return await self.esia.authorization_url(attempt_id, challenge, now)

    async def complete(
        self, attempt_id: str, browser: str | None, answer: Code | Failure, replaced: str | None, origin: Origin
    ) -> Completed:
        """Finish the attempt, or say again to who brings the same code how it was finished.

        `replaced` is the secret of the session that the browser still holds. Raises a `Refusal`: what Gosuslugi or the
        domain refuses stays refused, and so does an error that the browser brings, while `EsiaUnavailable`, which
        identity itself has met, may be tried again.
        """
        attempt = await self._claim(attempt_id, browser)
        secret = self._secret(attempt_id, browser or "")
        if attempt.outcome:
            return await self._again(attempt, attempt.outcome, answer, secret)
        try:
            with counted("esia"):
                if isinstance(answer, Failure):
                    raise sent_back(answer.error, answer.description)
                authentication = await self.esia.authenticate(answer.code, attempt.verifier, self.clock())
                return await self._admit(attempt, authentication, answer.sha256, secret, replaced, origin)
        except ClaimLost:
            return await self.complete(attempt_id, browser, answer, replaced, origin)
        except EsiaUnavailable:
            await self.attempts.release(attempt, self.clock())
            raise
        except Refusal as refusal:
            await self.attempts.finish(attempt, Outcome(refusal=refusal.code))
            raise

    async def _claim(self, attempt_id: str, browser: str | None) -> Attempt:
        """The attempt, ours to work on or finished; waits for another request that works on it."""
        deadline = asyncio.get_running_loop().time() + OTHER_REQUEST_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if attempt := await self.attempts.claim(attempt_id, browser, self.clock()):
                return attempt
            await asyncio.sleep(POLL_SECONDS)
        raise CodeRefused  # whoever claimed it has died with the code in hand

    async def _again(self, attempt: Attempt, outcome: Outcome, answer: Code | Failure, secret: str) -> Completed:
        if outcome.refusal:
            raise RefusedBefore(outcome.refusal)
        if isinstance(answer, Failure) or not hmac.compare_digest(outcome.code_sha256, answer.sha256):
            raise AttemptUsed
        session = await self.sessions.find(secret, self.clock())
        if session is None:
            raise AttemptUsed
        return _completed(attempt, outcome, session.consent_due, secret)

    async def _admit(
        self,
        attempt: Attempt,
        authentication: EsiaAuthentication,
        code_sha256: str,
        secret: str,
        replaced: str | None,
        origin: Origin,
    ) -> Completed:
        now, proved_at = self.clock(), authentication.authenticated_at

        def also(before: Account, after: Account) -> Also:
            due = self.texts.due(after.agreed(PERSONAL_DATA))
            session = Session.by_esia(after.account_id, proved_at, now, consent_due=due)

            async def write(transaction: AsyncClientSession) -> None:
                await self.attempts.finish(attempt, _outcome(before, after, code_sha256), transaction)
                await self.sessions.open(session, secret, replaced, transaction)

            return write

        before, after = await self.accounts.admit(self._command(attempt, authentication), now, origin, also)
        due = self.texts.due(after.agreed(PERSONAL_DATA))
        return _completed(attempt, _outcome(before, after, code_sha256), due, secret)

    def _command(self, attempt: Attempt, authentication: EsiaAuthentication) -> Register | SignIn:
        evidence = attempt.evidence
        if evidence is None or attempt.region is None:
            return SignIn(attempt.region, authentication, self.minimum_age)
        return Register(
            attempt.region,
            evidence.consent,
            evidence.grantor,
            evidence.given_at,
            authentication,
            self.minimum_age,
        )

    def _secret(self, attempt_id: str, browser: str) -> str:
        """The same for each repeat in this browser, unknown to everyone else, and nowhere stored."""
        return hmac.new(self.session_key, f"{attempt_id}:{browser}".encode(), hashlib.sha256).hexdigest()


def _outcome(before: Account, after: Account, code_sha256: str) -> Outcome:
    return Outcome(
        account_id=after.account_id, version=after.version, registered=not before.version, code_sha256=code_sha256
    )


def _completed(attempt: Attempt, outcome: Outcome, consent_due: bool, secret: str) -> Completed:
    return Completed(
        outcome.account_id,
        outcome.version,
        "registered" if outcome.registered else "signed_in",
        attempt.region,
        attempt.return_to,
        consent_due,
        secret,
    )
