"""The form token: whose page a form came from. Every form of a signed-in person carries one (against CSRF).

It also keeps a stale tab harmless: what one person left open is refused after another has signed in, and after a day.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FIELD = "form_token"
LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Issued:
    """Whose form it was, and when the page was made."""

    account_id: str
    at: datetime

    def outdated(self, now: datetime) -> bool:
        """Whether the page is too old for its form to be taken."""
        return now - self.at > LIFETIME


class FormTokens:
    """Issues and reads tokens: account id, time of issue and a MAC over both, made with a key of the portal's own."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"form-token", hashlib.sha256)

    def issue(self, account_id: str, now: datetime) -> str:
        """The token for a form shown to this person."""
        issued = f"{account_id}.{int(now.timestamp())}"
        return f"{issued}.{self._mac(issued)}"

    def read(self, token: str) -> Issued | None:
        """What the token says, however old it is; null where it is not ours."""
        issued, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(issued).encode()):
            return None
        account_id, _, seconds = issued.rpartition(".")
        return Issued(account_id, datetime.fromtimestamp(int(seconds), UTC))

    def _mac(self, issued: str) -> str:
        return hmac.new(self._key, issued.encode(), hashlib.sha256).hexdigest()
